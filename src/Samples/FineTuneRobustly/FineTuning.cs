using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace Samples.FineTuneRobustly;

/// <summary>The whole story: attack the network as it comes, train it on attacked images, attack it again, write it down.</summary>
public sealed class FineTuning(FineTuningSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(settings.Seed);

    public void Run()
    {
        settings.Check();
        var output = new OutputFolder(settings.Output);
        var backbone = ml.Adversarial().LoadBackbone(settings.ModelPath, settings.ModelOptions with { ClassNames = null });
        var (training, test) = ReadImages(output, backbone.ImageShape);
        AnsiConsole.MarkupLineInterpolated($"[bold]{backbone}[/] takes {backbone.ImageShape.Width} x {backbone.ImageShape.Height} pixels; {training.Images.Count} training and {test.Images.Count} test images of {training.Classes.Count} classes.");
        using var line = new LiveLine();

        var table = new Table().Border(TableBorder.Rounded).AddColumn("model").AddColumn("clean").AddColumn(Markup.Escape($"{settings.EvaluationAttack.Name} ({settings.EvaluationAttack.Budget})")).AddColumn("test images");
        if (Before(training, test, line) is { } before)
            Add(table, "as it came", before);
        var fitted = Train(backbone, training, output, line);
        var model = fitted.OfType<ImageClassificationTransformer>().Single();
        Add(table, settings.IsMixture ? "fine-tuned, adversarial domain" : "fine-tuned", Evaluate(fitted, test.AsView(ml), ImageDomain.Adversarial, line));
        if (settings.IsMixture)
            Add(table, "fine-tuned, clean domain", Evaluate(fitted, test.AsView(ml), ImageDomain.Clean, line));
        line.Clear();
        AnsiConsole.Write(table);

        output.Write("model.zip", path => ml.Model.Save(fitted, training.AsView(ml).Schema, path));
        output.Write("model.onnx", model.ExportOnnx);
        if (settings.IsMixture)
        {
            using var clean = model.WithDomain(ImageDomain.Clean);
            output.Write("model-clean.onnx", clean.ExportOnnx);
        }
        foreach (var path in output.Written)
            AnsiConsole.WriteLine($"wrote {path}");
        Directory.Delete(Checkpoints(output), recursive: true);
    }

    private static string Checkpoints(OutputFolder output) => Path.Combine(output.Path, "checkpoints");

    private (ImageSet Training, ImageSet Test) ReadImages(OutputFolder output, ImageShape shape)
    {
        var (training, test) = TrainingAndTestImages.Read(settings.Images, settings.TestImages, settings.Limit, settings.Seed, Path.Combine(output.Path, "letters"), mayDiffer: true);
        return (training.As(shape), (settings.TestLimit is { } limit ? test.TakeEvenly(limit) : test).As(shape));
    }

    /// <summary>The file itself under attack, where it tells these classes apart.</summary>
    private RobustnessEvaluation? Before(ImageSet training, ImageSet test, LiveLine line)
    {
        if (settings.Model is null)
            return null;
        var isOwn = settings.ModelOptions == new NetworkFileOptions();
        DeployedClassifier network;
        try
        {
            network = ml.Adversarial().LoadNetwork(settings.ModelPath, isOwn ? settings.ModelOptions : settings.ModelOptions with { ClassNames = settings.ModelOptions.ClassNames ?? training.Classes });
        }
        catch (InvalidDataException exception)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]It is not attacked as it came:[/] {exception.Message}");
            return null;
        }
        using (network)
        {
            if (!network.ClassNames.SequenceEqual(training.Classes))
            {
                AnsiConsole.MarkupLineInterpolated($"[yellow]It is not attacked as it came:[/] it tells {network.ClassNames.Count} classes apart, and these are others.");
                return null;
            }
            return Evaluate(network, DeployedImages.Prepare(ml, test, network), null, line);
        }
    }

    private TransformerChain<ITransformer> Train(OnnxBackbone backbone, ImageSet training, OutputFolder output, LiveLine line) =>
        ClassifierPipeline.Fit(ml, training, FineTuningRecipe.Create(backbone, new AdversarialTraining(settings.TrainingAttack) { CleanRatio = settings.IsMixture ? 1 : 0 }, settings.IsMixture, settings.MirrorsImages) with
        {
            Epochs = settings.Epochs,
            ConsistentEpochs = settings.ConsistentEpochs,
            BatchSize = settings.BatchSize,
            LearningRate = settings.LearningRate,
            CraftingPrecision = settings.CraftingPrecision,
            Seed = settings.Seed,
            Checkpoints = new CheckpointOptions(Checkpoints(output)) { Keep = 1 },
            ResumeFrom = Checkpoints(output),
            MetricsCallback = metrics => line.Show(metrics),
            CancellationToken = cancellation,
        });

    private RobustnessEvaluation Evaluate(ITransformer model, IDataView data, ImageDomain? domain, LiveLine line) =>
        ml.Adversarial().EvaluateRobustness(model, data, [settings.EvaluationAttack], new RobustnessEvaluationOptions
        {
            Seed = settings.Seed,
            Domain = domain,
            ProgressCallback = progress => line.Show($"measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} test images", stays: false),
            CancellationToken = cancellation,
        });

    private static void Add(Table table, string name, RobustnessEvaluation evaluation) => table.AddRow(
        name, $"{evaluation.CleanAccuracy.Accuracy:p1}", $"{evaluation.Attacks[0].Accuracy.Accuracy:p1}", $"{evaluation.Examples}");
}
