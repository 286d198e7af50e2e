using System.Globalization;
using Microsoft.ML.Data;
using Tooling.ImageData;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

public class PlainAppTests
{
    private const string App = "src/Samples/ScoreInPlainApp";

    [Fact]
    public void A_plain_application_scores_a_saved_model_as_the_live_transformer_and_the_network_do()
    {
        var folder = Directory.CreateTempSubdirectory("plain-app-").FullName;
        try
        {
            var (training, _) = EmbeddedLetters.UnpackTo(Path.Combine(folder, "letters"));
            var images = ImageFolder.Read(training, limitPerClass: 20, seed: 1);
            var ml = new MLContext(seed: 1);
            var view = ml.Data.LoadFromEnumerable(images.Images);
            var model = ml.Transforms.Conversion.MapValueToKey("Label")
                .Append(ml.Transforms.LoadImages("Image", "", "Path"))
                .Append(ml.Transforms.ResizeImages("Image", 32, 32))
                .Append(ml.Transforms.ExtractPixels("Features", "Image"))
                .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions { Backbone = new ResNet(8) { Width = 8 }, Epochs = 2, BatchSize = 20, LearningRate = 0.1, Seed = 1 }))
                .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"))
                .Fit(view);
            ml.Model.Save(model, view.Schema, Path.Combine(folder, "model.zip"));
            var csv = Path.Combine(folder, "scores.csv");

            var (exitCode, output, errors) = RunningProgram.Run(App, Path.Combine(folder, "model.zip"), training, "--csv", csv);

            Assert.True(exitCode == 0, output + errors);
            Assert.Contains("accuracy", output, StringComparison.Ordinal);
            var inApp = File.ReadAllLines(csv).Skip(1).Select(line => line.Split(',')).ToDictionary(cells => cells[0], cells => cells);
            var live = model.Transform(view);
            var classifier = model.OfType<ImageClassificationTransformer>().Single();
            var byNetwork = NetworkScores(classifier, live.GetColumn<float[]>("Features"));
            var rows = live.GetColumn<string>("Path").Zip(live.GetColumn<string>("PredictedClass"), live.GetColumn<float[]>("Score")).ToList();
            Assert.Equal(200, rows.Count);
            for (var i = 0; i < rows.Count; i++)
            {
                var (path, predicted, score) = rows[i];
                Assert.Equal(predicted, inApp[path][1]);
                for (var k = 0; k < score.Length; k++)
                {
                    Assert.Equal(score[k], float.Parse(inApp[path][2 + k], CultureInfo.InvariantCulture), 1e-4);
                    Assert.Equal(score[k], byNetwork[i][k], 1e-4);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_plain_application_has_neither_torch_nor_this_library_in_its_folder()
    {
        var files = Directory.GetFiles(RunningProgram.FolderOf(App), "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();

        Assert.Contains("Microsoft.ML.OnnxTransformer.dll", files);
        Assert.DoesNotContain(files, file => file!.Contains("torch", StringComparison.OrdinalIgnoreCase) || file.Contains("Adversarial", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_is_named_without_a_stack_trace()
    {
        var (exitCode, _, errors) = RunningProgram.Run(App, "no-such-model.zip", "no-such-image.png");

        Assert.Equal(1, exitCode);
        Assert.Contains("no-such-model.zip", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_an_image_is_named()
    {
        var empty = Directory.CreateTempSubdirectory("plain-app-").FullName;
        try
        {
            var (exitCode, _, errors) = RunningProgram.Run(App, typeof(PlainAppTests).Assembly.Location, empty, "--csv", "scores.csv");

            Assert.Equal(1, exitCode);
            Assert.Contains("holds no image", errors, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Fact]
    public void An_unknown_option_is_named()
    {
        var (exitCode, _, errors) = RunningProgram.Run(App, "model.zip", "a.png", "--threshold");

        Assert.Equal(1, exitCode);
        Assert.Contains("'--threshold' is not understood", errors, StringComparison.Ordinal);
    }

    private static List<float[]> NetworkScores(ImageClassificationTransformer classifier, IEnumerable<float[]> features)
    {
        using var scope = NewDisposeScope();
        var rows = features.ToList();
        var images = tensor(rows.SelectMany(row => row).Select(value => value / 255).ToArray(), [rows.Count, 3, 32, 32]);
        return [.. classifier.Network.Logits(images).softmax(1).data<float>().ToArray().Chunk(classifier.ClassNames.Count)];
    }
}
