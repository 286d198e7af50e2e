using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What training, evaluation and experiments report to <see cref="System.Diagnostics"/>, for OpenTelemetry and other listeners: <c>AddMeter(AdversarialTelemetry.Name)</c>,
/// <c>AddSource(AdversarialTelemetry.Name)</c>. Where nobody listens it costs next to nothing; it never asks a device for a number that the run does not need itself.
/// </summary>
/// <remarks>
/// <para>Instruments, with kind, unit and attributes:</para>
/// <list type="table">
/// <listheader><term>instrument</term><description>what it tells</description></listheader>
/// <item><term><c>adversarial.training.epochs</c></term><description>counter, <c>{epoch}</c>: epochs that have ended.</description></item>
/// <item><term><c>adversarial.training.updates</c></term><description>counter, <c>{update}</c>: batches trained on.</description></item>
/// <item><term><c>adversarial.training.images</c></term><description>counter, <c>{image}</c>: their images.</description></item>
/// <item><term><c>adversarial.training.loss</c></term><description>gauge, <c>1</c>: the mean loss of the epoch so far.</description></item>
/// <item><term><c>adversarial.training.accuracy</c></term><description>gauge, <c>1</c>, from 0 to 1, by <c>adversarial.images</c>, <c>clean</c> or <c>attacked</c>: of the epoch's measured training images so far; see <c>TrainingMetrics</c>.</description></item>
/// <item><term><c>adversarial.training.epoch.duration</c></term><description>histogram, <c>s</c>: an epoch with its validation, where this process trained all of it.</description></item>
/// <item><term><c>adversarial.validation.accuracy</c></term><description>gauge, <c>1</c>, by <c>adversarial.images</c>: of the validation images after an epoch.</description></item>
/// <item><term><c>adversarial.evaluation.images</c></term><description>counter, <c>{image}</c>, by <c>adversarial.attack</c>, an attack's name or <c>clean</c>: images that were classified clean, or that an attack met; each member of an ensemble counts its own.</description></item>
/// <item><term><c>adversarial.evaluation.broken</c></term><description>counter, <c>{image}</c>, by <c>adversarial.attack</c>: images that the attack broke.</description></item>
/// <item><term><c>adversarial.evaluation.attack.duration</c></term><description>histogram, <c>s</c>, by <c>adversarial.attack</c>: an attack on one batch; of attacks reported from one run, the whole run's.</description></item>
/// <item><term><c>adversarial.experiment.trials</c></term><description>counter, <c>{trial}</c>, by <c>adversarial.trial.status</c>, a name of <c>DepthRunStatus</c>: trials that have ended.</description></item>
/// </list>
/// <para>
/// Validation during training is an evaluation, too, and counted as one. What an evaluation takes from its state file was counted when it was done. Several runs in one process share the gauges.
/// </para>
/// <para>Activities, each with the attributes in brackets; one that threw has the status <see cref="ActivityStatusCode.Error"/>:</para>
/// <list type="table">
/// <listheader><term>activity</term><description>what it spans</description></listheader>
/// <item><term><c>adversarial.fit</c></term><description>a training, with the reading of its data [<c>adversarial.network</c>].</description></item>
/// <item><term><c>adversarial.epoch</c></term><description>one of its epochs with its validation [<c>adversarial.epoch</c>, from 1; <c>adversarial.loss</c>].</description></item>
/// <item><term><c>adversarial.evaluate</c></term><description>an evaluation [<c>adversarial.evaluation.images</c>].</description></item>
/// <item><term><c>adversarial.attack</c></term><description>one attack on one batch [<c>adversarial.attack</c>; <c>adversarial.evaluation.images</c>, of the batch].</description></item>
/// <item><term><c>adversarial.trial</c></term><description>one round of a trial of an experiment [<c>adversarial.trial</c>, the network; <c>adversarial.trial.status</c>].</description></item>
/// </list>
/// </remarks>
public static class AdversarialTelemetry
{
    /// <summary>Of the <see cref="Meter"/> and of the <see cref="ActivitySource"/>.</summary>
    public const string Name = "Microsoft.ML.Adversarial";

    internal const string Clean = "clean", Attacked = "attacked";

    private const string ImagesKey = "adversarial.images", AttackKey = "adversarial.attack", StatusKey = "adversarial.trial.status";

    private static readonly string? Version = typeof(AdversarialTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    private static readonly ActivitySource Source = new(Name, Version);

    private static readonly Meter Meter = new(Name, Version);

    private static readonly Counter<long> Epochs = Meter.CreateCounter<long>("adversarial.training.epochs", "{epoch}", "Epochs that have ended.");

    private static readonly Counter<long> Updates = Meter.CreateCounter<long>("adversarial.training.updates", "{update}", "Batches trained on.");

    private static readonly Counter<long> TrainingImages = Meter.CreateCounter<long>("adversarial.training.images", "{image}", "Images trained on.");

    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("adversarial.training.loss", "1", "The mean loss of the epoch so far.");

    private static readonly Gauge<double> TrainingAccuracy = Meter.CreateGauge<double>("adversarial.training.accuracy", "1", "Of the epoch's measured training images so far.");

    private static readonly Histogram<double> EpochDuration = Meter.CreateHistogram<double>("adversarial.training.epoch.duration", "s", "An epoch with its validation.");

    private static readonly Gauge<double> ValidationAccuracy = Meter.CreateGauge<double>("adversarial.validation.accuracy", "1", "Of the validation images after an epoch.");

    private static readonly Counter<long> EvaluatedImages = Meter.CreateCounter<long>("adversarial.evaluation.images", "{image}", "Images classified clean, or met by an attack.");

    private static readonly Counter<long> Broken = Meter.CreateCounter<long>("adversarial.evaluation.broken", "{image}", "Images that an attack broke.");

    private static readonly Histogram<double> AttackDuration = Meter.CreateHistogram<double>("adversarial.evaluation.attack.duration", "s", "An attack on one batch.");

    private static readonly Counter<long> Trials = Meter.CreateCounter<long>("adversarial.experiment.trials", "{trial}", "Trials that have ended.");

    /// <summary>Does some work within an activity, which is null where nobody listens. Who is cancelled has not failed.</summary>
    internal static T Within<T>(string activityName, Func<Activity?, T> work)
    {
        using var activity = Source.StartActivity(activityName);
        try
        {
            return work(activity);
        }
        catch (Exception exception) when (activity is not null && exception is not OperationCanceledException)
        {
            activity.SetStatus(ActivityStatusCode.Error, exception.Message).AddException(exception);
            throw;
        }
    }

    /// <summary>The same of work without a result.</summary>
    internal static void Within(string activityName, Action<Activity?> work) => Within(activityName, activity =>
    {
        work(activity);
        return true;
    });

    /// <summary>A weight update is done.</summary>
    /// <param name="images">Of its batch.</param>
    /// <param name="loss">The epoch's so far.</param>
    /// <param name="clean">The epoch's so far.</param>
    /// <param name="attacked">The epoch's so far.</param>
    internal static void Updated(long images, double loss, Tally clean, Tally attacked)
    {
        Updates.Add(1);
        TrainingImages.Add(images);
        Loss.Record(loss);
        Record(TrainingAccuracy, clean, attacked);
    }

    /// <summary>An epoch has ended.</summary>
    /// <param name="duration">Null where it began in another process.</param>
    internal static void EpochEnded(TimeSpan? duration)
    {
        Epochs.Add(1);
        if (duration is { } time)
            EpochDuration.Record(time.TotalSeconds);
    }

    /// <summary>An epoch was measured.</summary>
    internal static void Validated(Tally clean, Tally attacked) => Record(ValidationAccuracy, clean, attacked);

    /// <summary>Clean images were classified.</summary>
    internal static void Classified(long images) => EvaluatedImages.Add(images, new KeyValuePair<string, object?>(AttackKey, Clean));

    /// <summary>An attack, or a member of an ensemble, has met some images.</summary>
    internal static void Met(string attack, long images, long broken, double seconds)
    {
        var tag = new KeyValuePair<string, object?>(AttackKey, attack);
        EvaluatedImages.Add(images, tag);
        Broken.Add(broken, tag);
        AttackDuration.Record(seconds, tag);
    }

    /// <summary>A trial has ended.</summary>
    internal static void TrialEnded(string status) => Trials.Add(1, new KeyValuePair<string, object?>(StatusKey, status));

    private static void Record(Gauge<double> accuracy, Tally clean, Tally attacked)
    {
        if (clean.Total > 0)
            accuracy.Record(clean.Accuracy, new KeyValuePair<string, object?>(ImagesKey, Clean));
        if (attacked.Total > 0)
            accuracy.Record(attacked.Accuracy, new KeyValuePair<string, object?>(ImagesKey, Attacked));
    }
}
