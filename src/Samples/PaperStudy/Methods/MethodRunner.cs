using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Runtime;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace Samples.PaperStudy.Methods;

/// <summary>Trains with one method for the time given, and measures.</summary>
public sealed class MethodRunner(MethodStudySettings settings, StudyImages images, LiveLine line, CancellationToken cancellation)
{
    /// <summary>A training that fails is a result, too: another method may do better.</summary>
    public MethodResult Run(string method, int seed, MethodTime time)
    {
        var epochs = Math.Max(1, (int)Math.Round(settings.Time.TotalSeconds / time.EpochSeconds));
        var result = new MethodResult { Method = method, Seed = seed, Settings = MethodSettings.Of(method, settings, images), Epochs = epochs, Measures = null };
        try
        {
            return result with { Measures = Measure(method, seed, epochs) };
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            return result with { Failure = exception.Message };
        }
    }

    /// <summary>
    /// Of one epoch on all images, its measuring included, without its first batch, which pays for the start; the others stand for it. Of one that fails, by the batches before; where there were
    /// none, all the time there is.
    /// </summary>
    public MethodTime TakeTime(string method)
    {
        line.Show($"{method,-12} an epoch to take its time", stays: false);
        TimeSpan? start = null;
        var (elapsed, done, batches) = (TimeSpan.Zero, 0, 0);
        var options = Options(method, 1, settings.Scale.Seeds[0]) with
        {
            MetricsCallback = metrics =>
            {
                start ??= metrics.Elapsed;
                (elapsed, done, batches) = (metrics.Elapsed, metrics.Batch, metrics.Batches);
            },
        };
        try
        {
            using var model = Fit(new MLContext(settings.Scale.Seeds[0]), images.Training, options);
            elapsed = model.TrainingTime;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            if (done == 0)
                elapsed = settings.Time;
        }
        var time = done < 2 ? elapsed : (elapsed - start!.Value) * batches / (done - 1);
        return new MethodTime { Settings = MethodSettings.Of(method, settings, images), EpochSeconds = Math.Max(MethodTime.Shortest, Math.Round(time.TotalSeconds, 3)) };
    }

    /// <summary>What another method may not meet; mistakes in options would come again with each.</summary>
    private static bool IsFailure(Exception exception) => exception is (InvalidOperationException and not ObjectDisposedException) or InsufficientMemoryException;

    private MethodMeasures Measure(string method, int seed, int epochs)
    {
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
        return new MethodMeasures
        {
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
