using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace AdversarialTool.Prediction;

/// <summary>The whole story: look at the images, read the model, score, list.</summary>
public sealed class FilePrediction(string modelPath, NetworkFileOptions file, int top, CancellationToken cancellation)
{
    private readonly MLContext ml = new(seed: 1);

    public Answer Run(IEnumerable<string> paths)
    {
        OptionCheck.AtLeast(1, top, "--top", "class");
        if (!File.Exists(modelPath))
            throw new FileNotFoundException($"--model: there is no file '{Path.GetFullPath(modelPath)}'; expected a model.zip or an ONNX file.");
        var images = Read(paths);
        using var model = ml.Adversarial().LoadNetwork(modelPath, file);
        var isOnnx = Path.GetExtension(modelPath).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        var scored = model.Transform(isOnnx ? DeployedImages.Prepare(ml, images, model) : images.AsView(ml));

        var answers = new JsonArray();
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        var scores = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        foreach (var image in images.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            cursor.MoveNext();
            answers.Add(Show(image.Path, Likeliest(scores, model.ClassNames)));
        }
        return new Answer(new JsonObject { ["model"] = modelPath, ["images"] = answers });
    }

    private static ImageSet Read(IEnumerable<string> paths)
    {
        var images = ImageFile.Find(paths).Select(path => new LabeledImage { Path = path }).ToList();
        // All of them before any is scored: a file cut off in the middle would pass as a partly black image.
        var infos = images.ConvertAll(image => ImageFile.Inspect(image.Path));
        return new ImageSet(images, infos[0].Width, infos[0].Height, IsGrey: false);
    }

    private List<(string Class, float Probability)> Likeliest(ValueGetter<VBuffer<float>> getter, IReadOnlyList<string> classes)
    {
        var scores = default(VBuffer<float>);
        getter(ref scores);
        return [.. classes.Zip(scores.DenseValues()).OrderByDescending(pair => pair.Second).Take(top)];
    }

    private static JsonObject Show(string path, List<(string Class, float Probability)> likeliest)
    {
        AnsiConsole.WriteLine($"{string.Join("  ", likeliest.Select(one => $"{one.Class} {one.Probability,6:p1}"))}  {path}");
        return new JsonObject
        {
            ["path"] = path,
            ["class"] = likeliest[0].Class,
            ["probability"] = likeliest[0].Probability,
            ["likeliest"] = new JsonArray([.. likeliest.Select(one => new JsonObject { ["class"] = one.Class, ["probability"] = one.Probability })]),
        };
    }
}
