using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Runtime;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace Samples.PaperStudy.Methods;

/// <summary>Trains with one method for the time given, and measures.</summary>
public sealed class MethodRunner(MethodStudySettings settings, StudyImages images, LiveLine line, CancellationToken cancellation)
{
    /// <summary>Epochs of the trial whose times are taken; the one before them warms up.</summary>
    private const int TimedEpochs = 2;

    private const int TrialBatches = 6;

    public MethodResult Run(string method, int seed)
    {
        var epochs = EpochsInTime(method, seed);
        var ml = new MLContext(seed);
        var (epoch, collapsed) = (0, (int?)null);
        ml.Log += (_, message) =>
        {
            if (message is { Kind: ChannelMessageKind.Warning } && message.RawMessage.StartsWith("Catastrophic overfitting", StringComparison.Ordinal))
                collapsed ??= epoch;
        };
        var name = $"{method,-12} seed {seed}";
        using var model = Fit(ml, images.Training, Options(method, epochs, seed) with
        {
            MetricsCallback = metrics =>
            {
                epoch = metrics.Epoch;
                line.Show(
                    $"{name}  epoch {metrics.Epoch,2}/{metrics.Epochs}  loss {metrics.Loss,6:f3}  clean {metrics.CleanAccuracy,6:p1}  {LiveLine.Clock(metrics.Elapsed)} of {LiveLine.Clock(settings.Time)}",
                    stays: metrics.Batch == metrics.Batches && metrics.Epoch == metrics.Epochs);
            },
        });
        var evaluation = ml.Adversarial().EvaluateRobustness(model, Prepared(ml, images.Test), settings.Attacks, new RobustnessEvaluationOptions
        {
            Seed = seed,
            ProgressCallback = progress => line.Show($"{name}  measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} test images", stays: false),
            CancellationToken = cancellation,
        });
        return new MethodResult
        {
            Method = method,
            Seed = seed,
            Settings = MethodSettings.Of(method, settings, images),
            Epochs = epochs,
            TrainingSeconds = Math.Round(model.TrainingTime.TotalSeconds, 1),
            BestEpoch = model.BestEpoch!.Value,
            LastEpochRobust = model.ValidatedEpochs[^1].RobustAccuracy,
            CollapsedEpoch = collapsed,
            Examples = evaluation.Examples,
            CleanAccuracy = evaluation.CleanAccuracy.Accuracy,
            PgdAccuracy = evaluation.Attacks[0].Accuracy.Accuracy,
            AutoAttackAccuracy = evaluation.Attacks[1].Accuracy.Accuracy,
        };
    }

    /// <summary>By the speed of a trial on some of the images, measuring included.</summary>
    private int EpochsInTime(string method, int seed)
    {
        line.Show($"{method,-12} seed {seed}  a trial for its speed", stays: false);
        var some = images.Training.TakeEvenly(Math.Min(images.Training.Images.Count, Math.Max(4 * images.Training.Classes.Count, TrialBatches * settings.Scale.BatchSize)));
        var ends = new List<TimeSpan>();
        var options = Options(method, 1 + TimedEpochs, seed) with
        {
            MetricsCallback = metrics =>
            {
                if (metrics.Batch == metrics.Batches)
                    ends.Add(metrics.Elapsed);
            },
        };
        Fit(new MLContext(seed), some, options).Dispose();
        var epoch = (ends[^1] - ends[0]) / TimedEpochs * images.Training.Images.Count / some.Images.Count;
        return Math.Max(1, (int)(settings.Time / epoch));
    }

    private static ImageClassificationTransformer Fit(MLContext ml, ImageSet training, ImageClassificationOptions options) =>
        ml.Adversarial().Trainers.ImageClassification(options).Fit(Prepared(ml, training));

    private static IDataView Prepared(MLContext ml, ImageSet set) => ImagePreparation.Create(ml, set).Fit(set.AsView(ml)).Transform(set.AsView(ml));

    private ImageClassificationOptions Options(string method, int epochs, int seed) => new()
    {
        Backbone = new ResNet(settings.Scale.Depth) { Width = settings.Scale.Width },
        Method = settings.Create(method),
        Epochs = epochs,
        BatchSize = settings.Scale.BatchSize,
        LearningRate = settings.Scale.LearningRate,
        Schedule = StudySettings.Schedule,
        Augmentation = settings.Scale.Augmentation,
        PixelLayout = PixelLayout.Planar,
        CacheImages = true,
        Selection = settings.Selection,
        ValidationFraction = MethodStudySettings.ValidationFraction,
        Seed = seed,
        CancellationToken = cancellation,
    };
}
