using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace AdversarialTool.Training;

/// <summary>The whole story: read images, train, write the model, measure it on test images, report.</summary>
public sealed class ModelTraining(TrainSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(settings.Seed);

    /// <summary>Null for this process alone.</summary>
    private ProcessGroup? group;

    public Answer Run()
    {
        settings.Check();
        group = Ranks.Open(settings.IsDistributed);
        var output = new OutputFolder(settings.Output);
        var backbone = settings.Backbone is { } path ? ml.Adversarial().LoadBackbone(path, settings.File) : null;
        var (training, test) = group.InTurn(() => ReadImages(output, backbone?.ImageShape));
        var checkpoints = Path.Combine(output.Path, "checkpoints");
        using var display = new TrainingDisplay(settings, backbone, training, test, goesOn: Directory.Exists(checkpoints));

        var clock = Stopwatch.StartNew();
        var fitted = ClassifierPipeline.Fit(ml, training, Options(backbone, checkpoints, display));
        var seconds = clock.Elapsed.TotalSeconds;
        using var model = fitted.OfType<ImageClassificationTransformer>().Single();
        if (group.IsFirst())
            Write(fitted, model, training, output);

        var evaluations = (settings.IsMixture ? (ImageDomain[])[ImageDomain.Adversarial, ImageDomain.Clean] : [model.Domain])
            .Select(domain => new MeasuredDomain(domain, Evaluate(fitted, test, domain, output, display))).ToList();
        display.ShowMeasured(evaluations);
        var report = TrainingReport.Create(settings, training, evaluations, seconds, output.Written);
        if (!group.IsFirst())
            return new Answer(report);
        output.Write("report.json", file => File.WriteAllText(file, JsonOutput.Text(report)));
        TrainingDisplay.ShowFiles(output.Written);

        Directory.Delete(checkpoints, recursive: true);
        foreach (var measured in evaluations)
            File.Delete(StateFile(output, measured.Domain));
        return new Answer(report);
    }

    private (ImageSet Training, ImageSet Test) ReadImages(OutputFolder output, ImageShape? shape)
    {
        var (training, test) = TrainingAndTestImages.Read(
            settings.Images, settings.TestImages, settings.Limit, settings.Seed, lettersFolder: Path.Combine(output.Path, "letters"), mayDiffer: shape is not null);
        test = settings.TestLimit is { } limit ? test.TakeEvenly(limit) : test;
        return shape is null ? (training, test) : (training.As(shape), test.As(shape));
    }

    private ImageClassificationOptions Options(OnnxBackbone? backbone, string checkpoints, TrainingDisplay display)
    {
        var recipe = backbone is null ? NewNetwork() : FineTuningRecipe.Create(backbone, settings.TrainingMethod, settings.IsMixture, settings.MirrorsImages);
        return recipe with
        {
            Epochs = settings.Epochs,
            ConsistentEpochs = settings.ConsistentEpochs,
            BatchSize = settings.BatchSize,
            LearningRate = settings.LearningRate,
            CraftingPrecision = settings.CraftingPrecision,
            Seed = settings.Seed,
            Checkpoints = new CheckpointOptions(checkpoints) { Interval = settings.CheckpointInterval, Keep = 1 },
            ResumeFrom = checkpoints,
            Distributed = group,
            MetricsCallback = display.ShowTraining,
            CancellationToken = cancellation,
        };
    }

    private ImageClassificationOptions NewNetwork()
    {
        var quick = ImageClassificationRecipes.Quick;
        return quick with
        {
            Backbone = quick.Backbone.WithDepth(settings.Depth ?? ((ResNet)quick.Backbone).Depth).WithWidth(settings.Width ?? ((ResNet)quick.Backbone).Width!.Value),
            Method = settings.TrainingMethod,
            Normalization = settings.IsMixture ? Normalization.MixtureBatch : quick.Normalization,
            Augmentation = new Augmentation { HorizontalFlip = settings.MirrorsImages, CropPadding = settings.Images is null ? 2 : 4 },
        };
    }

    /// <summary>Before anything is measured: from here on there is something to use.</summary>
    private void Write(TransformerChain<ITransformer> fitted, ImageClassificationTransformer model, ImageSet training, OutputFolder output)
    {
        output.Write("model.zip", path => ml.Model.Save(fitted, training.AsView(ml).Schema, path));
        output.Write("model.onnx", model.ExportOnnx);
        if (!settings.IsMixture)
            return;
        using var clean = model.WithDomain(ImageDomain.Clean);
        output.Write("model-clean.onnx", clean.ExportOnnx);
    }

    private RobustnessEvaluation Evaluate(ITransformer fitted, ImageSet test, ImageDomain domain, OutputFolder output, TrainingDisplay display) =>
        ml.Adversarial().EvaluateRobustness(fitted, test.AsView(ml), [settings.EvaluationAttack], new RobustnessEvaluationOptions
        {
            Seed = settings.Seed,
            Domain = domain,
            StateFile = StateFile(output, domain),
            Distributed = group,
            ProgressCallback = display.ShowMeasuring,
            CancellationToken = cancellation,
        });

    private static string StateFile(OutputFolder output, ImageDomain domain) => Path.Combine(output.Path, $"evaluation-{domain}.jsonl");
}
