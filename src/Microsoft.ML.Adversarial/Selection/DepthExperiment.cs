using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Finds the depth, and if asked the width and the normalisation, worth its cost, in the manner of AutoML: trains candidates, the cheapest first, measures each epoch on validation
/// images clean and under an attack, leaves the weaker half where it stands, and ends in time.
/// </summary>
public sealed class DepthExperiment
{
    private readonly MLContext ml;
    private readonly DepthExperimentSettings settings;
    private readonly IHost host;
    private readonly Lazy<int> drawnSeed;

    internal DepthExperiment(MLContext ml, DepthExperimentSettings settings)
    {
        settings.Check();
        this.ml = ml;
        this.settings = settings;
        host = ((IHostEnvironment)ml).Register(nameof(DepthExperiment));
        drawnSeed = new Lazy<int>(() => settings.Training.Seed ?? host.Rand.Next());
    }

    /// <summary>Runs the experiment.</summary>
    /// <param name="train">Training images: with a featurizer as it takes them, otherwise as the trainer does, a key-typed label and the features as <c>ExtractPixels</c> makes them.</param>
    /// <param name="validation">Other labelled images in the same columns, to select on. What is to be claimed of the best run should be measured on a third set.</param>
    /// <param name="preFeaturizer">
    /// Makes label and features: for files, <c>MapValueToKey</c>, <c>LoadImages</c>, <c>ResizeImages</c>, <c>ExtractPixels</c>. It is fitted on <paramref name="train"/> and part of the models. Null for none.
    /// </param>
    /// <param name="progressHandler">Hears of every run that has ended; may be null.</param>
    /// <returns>The best run and all others; dispose it to free their models.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, a depth does not fit the images, or options contradict each other.</exception>
    /// <exception cref="InvalidDataException">A row cannot be used, or a checkpoint is damaged or belongs to another experiment.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; those before it are intact.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that was asked for.</exception>
    /// <exception cref="TimeoutException">The time was over before any network had finished an epoch.</exception>
    /// <exception cref="OperationCanceledException">The experiment was cancelled before any network had finished an epoch.</exception>
    /// <exception cref="InvalidOperationException">Every run failed, or no network is within the latency limit.</exception>
    public DepthExperimentResult Execute(
        IDataView train, IDataView validation, IEstimator<ITransformer>? preFeaturizer = null, IProgress<DepthRunDetail>? progressHandler = null)
    {
        Require.NotNull(train, nameof(train));
        Require.NotNull(validation, nameof(validation));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(settings.CancellationToken);
        // A timer takes no more than 49 days.
        deadline.CancelAfter(TimeSpan.FromMilliseconds(Math.Min(settings.MaximumExperimentTime.TotalMilliseconds, uint.MaxValue - 1.0)));
        var ranks = new RankAgreement(settings.Group);
        var seed = settings.CheckpointDirectory is { } directory ? ranks.InStep(() => SeedIn(directory)) : drawnSeed.Value;
        using var channel = host.Start(nameof(Execute));
        var featurizer = ranks.InStep(() => preFeaturizer?.Fit(train));
        var checkpoints = settings.CheckpointDirectory ?? Directory.CreateTempSubdirectory("depth-experiment-").FullName;
        var runs = new DepthRuns(new DepthTrialRunner(ml, settings, seed, checkpoints), settings, featurizer, Prepared(train), Prepared(validation), progressHandler, message => channel.Info(default, message));
        try
        {
            runs.TrainAll(deadline.Token);
            return new DepthExperimentResult(runs.Ended, BestOf(runs.Ended), settings);
        }
        catch
        {
            runs.Dispose();
            throw;
        }
        finally
        {
            if (settings.CheckpointDirectory is null)
                Directory.Delete(checkpoints, recursive: true);
        }

        IDataView Prepared(IDataView data)
        {
            var prepared = featurizer is null ? data : featurizer.Transform(data);
            return settings.CacheBeforeTrainer ? ml.Data.Cache(prepared, settings.Training.LabelColumnName, settings.Training.FeatureColumnName) : prepared;
        }
    }

    /// <summary>The body of one trial, to its end and without checkpoints, for a search of your own or AutoML's: trains one network as the settings say and measures it.</summary>
    /// <param name="trial">The network.</param>
    /// <param name="train">Training images as the trainer takes them.</param>
    /// <param name="validation">Other labelled images in the same columns.</param>
    /// <param name="cancellation">Stops within one weight update; what has been trained until then counts.</param>
    /// <returns>What was measured, with the model, whose <see cref="DepthRunDetail.Model"/> the caller disposes.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or the network does not fit the images.</exception>
    /// <exception cref="InvalidDataException">A row cannot be used.</exception>
    public DepthRunDetail RunTrial(DepthTrial trial, IDataView train, IDataView validation, CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, settings.CancellationToken);
        var detail = new DepthTrialRunner(ml, settings, drawnSeed.Value, checkpoints: null)
            .Run(Require.NotNull(trial, nameof(trial)), warmStart: null, featurizer: null, Require.NotNull(train, nameof(train)), Require.NotNull(validation, nameof(validation)), pauseAfter: null, stop.Token);
        AdversarialTelemetry.TrialEnded($"{detail.Status}");
        return detail;
    }

    /// <summary>The first rank writes the file that says so, where there is none.</summary>
    private int SeedIn(string directory) => settings.Group.FirstThenOthers(() =>
    {
        if (!settings.Group.IsFirst && !DepthExperimentFile.IsIn(directory))
            throw new InvalidDataException($"CheckpointDirectory '{directory}' is empty in rank {settings.Group.Rank}, though rank 0 has written there; expected a directory that all ranks see.");
        return DepthExperimentFile.SeedIn(directory, settings, () => drawnSeed.Value);
    });

    private DepthRunDetail BestOf(IReadOnlyList<DepthRunDetail> runs)
    {
        var measured = runs.Where(run => !run.IsComparison && !double.IsNaN(run.Metric)).ToList();
        if (measured.Where(settings.IsFastEnough).OrderByDescending(run => run.Metric).ThenBy(run => run.MultiplyAdds).FirstOrDefault() is { } best)
            return best;
        if (measured.MinBy(run => run.Latency) is { } fastest)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"No network scores an image within MaximumLatency, {settings.MaximumLatency!.Value.TotalMilliseconds:g3} ms; the fastest is {fastest.Trial} with {fastest.Latency!.Value.TotalMilliseconds:g3} ms."));
        settings.Group.ThrowIfAnyStopped(settings.CancellationToken);
        if (runs.FirstOrDefault(run => run.Exception is not null) is { } failed)
            throw new InvalidOperationException($"No run succeeded. {failed.Trial}: {failed.Exception!.Message}", failed.Exception);
        throw new TimeoutException($"No network finished an epoch within MaximumExperimentTime, which is {settings.MaximumExperimentTime}.");
    }
}
