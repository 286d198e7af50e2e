using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace Samples.TrainRobustClassifier;

/// <summary>The whole story: read images, train both models, attack both, write everything down.</summary>
public sealed class Comparison(SampleSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(settings.Seed);

    public void Run()
    {
        settings.Check();
        var output = new OutputFolder(settings.Output);
        var (training, test) = TrainingAndTestImages.Read(
            settings.Images, settings.TestImages, settings.Limit, settings.Seed, lettersFolder: Path.Combine(output.Path, "letters"));
        using var display = new Display(settings, training, test);
        var checkpoints = Path.Combine(output.Path, "checkpoints");

        var robust = Train("robust", new AdversarialTraining(settings.TrainingAttack), training, test, checkpoints, display);
        var plain = Train("plain", new PlainTraining(), training, test, checkpoints, display);
        using var robustModel = robust.Model;
        using var plainModel = plain.Model;
        display.ShowComparison([robust, plain]);

        output.Write("model.zip", path => ml.Model.Save(robust.Pipeline, training.AsView(ml).Schema, path));
        output.Write("model.onnx", robust.Model.ExportOnnx);
        output.Write("plain.onnx", plain.Model.ExportOnnx);
        output.Write("report.json", path => ReportFile.Write(path, settings, training, test, [robust, plain]));
        output.Write("attacked-images.png", path => new PictureSheet(ml, settings, test).Draw(robust, plain, path));
        Display.ShowFiles(output.Written);
        Directory.Delete(checkpoints, recursive: true);
    }

    private TrainedModel Train(string name, TrainingMethod method, ImageSet training, ImageSet test, string checkpoints, Display display)
    {
        checkpoints = Path.Combine(checkpoints, name);
        var options = ImageClassificationRecipes.Quick with
        {
            Backbone = new ResNet(settings.Depth) { Width = settings.Width },
            Method = method,
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            LearningRate = settings.LearningRate,
            Augmentation = new Augmentation { HorizontalFlip = settings.MirrorsImages, CropPadding = settings.Images is null ? 2 : 4 },
            CraftingPrecision = settings.CraftingPrecision,
            Seed = settings.Seed,
            // A run that was stopped or killed goes on where it was when the same command is given again.
            Checkpoints = new CheckpointOptions(checkpoints) { Interval = settings.CheckpointInterval, Keep = 1 },
            ResumeFrom = checkpoints,
            MetricsCallback = metrics => display.ShowTraining(name, metrics),
            CancellationToken = cancellation,
        };

        var clock = Stopwatch.StartNew();
        var fitted = ClassifierPipeline.Fit(ml, training, options);
        var seconds = clock.Elapsed.TotalSeconds;
        var model = fitted.OfType<ImageClassificationTransformer>().Single();
        var evaluation = ml.Adversarial().EvaluateRobustness(fitted, test.AsView(ml), [settings.EvaluationAttack], new RobustnessEvaluationOptions
        {
            Seed = settings.Seed,
            ProgressCallback = progress => display.ShowEvaluation(name, progress),
            CancellationToken = cancellation,
        });
        return new TrainedModel(name, fitted, model, evaluation, seconds);
    }
}
