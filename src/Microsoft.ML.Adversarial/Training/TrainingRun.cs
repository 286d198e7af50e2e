using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>All epochs of one training: asks for batches, sets the rate, takes the steps, reports.</summary>
/// <param name="network">Trained in place.</param>
/// <param name="asked">How.</param>
/// <param name="seed">The attack's randomness; the order of the images is the batches' affair.</param>
/// <param name="clock">For the times in the reports.</param>
internal sealed class TrainingRun(ImageNetwork network, TrainingOptions asked, Seed seed, TimeProvider clock)
{
    private readonly long started = clock.GetTimestamp();
    private readonly ProcessGroup group = asked.Group;
    private readonly RankAgreement ranks = new(asked.Group);
    private readonly CheckpointStore? store = asked.Checkpoints is { } checkpoints && asked.Group.IsFirst ? new CheckpointStore(checkpoints) : null;
    private TrainingOptions options = asked;
    private long saved = clock.GetTimestamp();
    private TimeSpan elapsedBefore;
    private EventLog? events;

    /// <summary>What the batches are made of: a checkpoint goes on only with the same.</summary>
    public string Data { get; init; } = "";

    /// <summary>What validation measures on; null without validation.</summary>
    public string? ValidationData { get; init; }

    /// <summary>The images that the options' selection is measured on, each batch disposed after use; needed where there is a selection.</summary>
    public Func<IEnumerable<ImageBatch>>? Validation { get; init; }

    /// <summary>Hears in words what the run starts from where that is a file of weights; may be null.</summary>
    public Action<string>? Inform { get; init; }

    /// <summary>Hears at once of what goes wrong though training goes on; may be null.</summary>
    public Action<string>? Warn { get; init; }

    /// <param name="batchesOf">The batches of an epoch, counted from 0, from the given one on; each batch is disposed after use.</param>
    /// <param name="batchesPerEpoch">How many there will be; the rate and the time left depend on it, and from the second epoch on the count of the last one is used.</param>
    /// <param name="progress">Hears of every update; may be null.</param>
    /// <param name="cancellation">Stops within one update.</param>
    /// <returns>How it ended; the network then has the best weights, or where nothing selects the average or the last ones.</returns>
    /// <exception cref="ArgumentException">Options contradict each other, or a part that a checkpoint must know does not say what it is.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped, and the options do not want an unfinished model.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer a number, or no image of the inference domain came.</exception>
    /// <exception cref="InsufficientMemoryException">A step needs more memory than there is.</exception>
    /// <exception cref="FileNotFoundException">The checkpoint to go on from, or the file of initial weights, does not exist.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to go on from is damaged or belongs to another run, or the initial weights are of another network.</exception>
    /// <exception cref="IOException">A checkpoint or an event cannot be written.</exception>
    public TrainingOutcome Train(Func<int, int, IEnumerable<ImageBatch>> batchesOf, int batchesPerEpoch, IProgress<TrainingMetrics>? progress, CancellationToken cancellation)
    {
        options.Check();
        using var memory = FreedMemory.Kept();
        return ranks.InStep(() => TrainInStep(batchesOf, batchesPerEpoch, progress, cancellation));
    }

    private TrainingOutcome TrainInStep(Func<int, int, IEnumerable<ImageBatch>> batchesOf, int batchesPerEpoch, IProgress<TrainingMetrics>? progress, CancellationToken cancellation)
    {
        if (TrainingWarnings.Unwatched(options) is { } unwatched)
            Warn?.Invoke(unwatched);
        var checkpoint = options.ResumeFrom is { } from ? CheckpointStore.Find(from) : null;
        if (options.CraftingPrecision == Precision.Automatic)
            options = options with { CraftingPrecision = (Precision)group.OfFirst((long)ChoosePrecision(checkpoint)) };
        var remembers = options.Checkpoints is not null || options.ResumeFrom is not null;
        var identity = remembers || !group.IsAlone ? RunIdentity.Of(options, network.Architecture, seed, Data, ValidationData).Checked() : null;
        ranks.CheckSameRun(identity, checkpoint, batchesPerEpoch);
        using var limit = new CancellationTokenSource(options.MaximumTrainingTime ?? Timeout.InfiniteTimeSpan, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        if (checkpoint is null && options.InitialWeights is { } weights)
        {
            var report = InitialWeightsFile.Read(weights, network);
            Inform?.Invoke($"Starting from '{weights}': {report}.");
        }
        using var state = new TrainingState(network, options, seed, batchesPerEpoch, Validation);
        if (checkpoint is not null)
            Checkpoint.Read(checkpoint, identity!, state);
        elapsedBefore = state.Position.Elapsed;
        events = options.EventDirectory is { } directory && group.IsFirst ? new EventLog(directory, clock) : null;
        var lastEpoch = Math.Min(options.Epochs, options.PauseAfterEpoch ?? options.Epochs);

        using var step = new TrainingStep(network, state.Optimizer, options, state.Memory);
        step.TakeWeightsOfFirst();
        try
        {
            while (state.Position.Epoch < lastEpoch && !IsOver())
                AdversarialTelemetry.Within("adversarial.epoch", TrainEpoch);
            if (state.AwaitsStatistics)
                EstimateStatistics();
            return Finish(IsOver() ? TrainingEnd.Completed : TrainingEnd.Paused);
        }
        catch (OperationCanceledException exception)
        {
            Save(force: true);
            if (options.WhenStopped == StoppedTraining.ReturnModel)
                return Finish(TrainingEnd.Stopped);
            throw cancellation.IsCancellationRequested || !limit.IsCancellationRequested
                ? new OperationCanceledException(exception.Message, exception, cancellation)
                : new OperationCanceledException($"Training took all of MaximumTrainingTime, which is {options.MaximumTrainingTime}.", exception);
        }

        bool IsOver() => state.Position.Epoch >= options.Epochs || state.IsSelectionOver;

        void TrainEpoch(Activity? activity)
        {
            var (begin, isWhole) = (clock.GetTimestamp(), state.Position.Batch == 0);
            activity?.SetTag("adversarial.epoch", state.Position.Epoch + 1);
            step.Statistics = state.Position.Epoch < options.Epochs - options.ResolvedConsistentEpochs ? NormalizationStatistics.Batch : NormalizationStatistics.Running;
            foreach (var batch in batchesOf(state.Position.Epoch, state.Position.Batch))
            {
                using var used = batch;
                group.ThrowIfAnyStopped(stop.Token);
                Advance(state, step, batch);
                progress?.Report(Metrics(state.Position));
                Save(force: false);
            }
            activity?.SetTag("adversarial.loss", state.Position.Seen.Loss);
            EndEpoch();
            AdversarialTelemetry.EpochEnded(isWhole ? clock.GetElapsedTime(begin) : null);
            Save(force: true);
        }

        void EndEpoch()
        {
            var position = state.Position;
            if (position.Batch > 0 && position.Batch < position.BatchesPerEpoch)
            {
                // Rows left out make an epoch shorter than announced; the next will be as long as this one.
                state.Position = position with { BatchesPerEpoch = position.Batch };
                progress?.Report(Metrics(state.Position));
            }
            if (position.Epoch == 0)
                CheckInferenceDomain();
            ranks.CheckSameWeights(network.state_dict().Values);
            if (state.AverageEpoch())
                EstimateStatistics();
            state.EndEpoch(stop.Token);
            state.Position = state.Position with { Elapsed = elapsedBefore + clock.GetElapsedTime(started) };
            if (options.Method.Attack is not null && TrainingWarnings.Collapse(state.Position.History) is { } collapse)
                Warn?.Invoke(collapse);
            if (state.Best is not null)
            {
                events?.Epoch(state.Position.Updates, state.Position.History[^1]);
                AdversarialTelemetry.Validated(state.Position.History[^1].Clean, state.Position.History[^1].Robust);
            }
        }

        // The images and variations of the last epoch in the average.
        void EstimateStatistics()
        {
            var epoch = state.Position.AveragedEpochs - 1;
            StatisticsEstimation.Run(state.Measured, options, state.Position.AveragedEpochs, batchesOf(epoch, 0), seed.For("statistics").For(epoch), stop.Token);
        }

        void Save(bool force)
        {
            if (store is null || (!force && clock.GetElapsedTime(saved) < options.Checkpoints!.Interval))
                return;
            store.Save(identity!, state);
            saved = clock.GetTimestamp();
        }

        TrainingOutcome Finish(TrainingEnd end)
        {
            state.Conclude();
            return new TrainingOutcome(end, state.Position.Elapsed, state.Position.History, state.BestEpoch);
        }
    }

    private Precision ChoosePrecision(string? checkpoint)
    {
        if (checkpoint is not null)
            return Checkpoint.CraftingPrecisionOf(checkpoint);
        var (gain, choice) = PrecisionProbe.Ask(network, options.BatchSize);
        Inform?.Invoke(FormattableString.Invariant($"Crafting in {choice}: attacks are {gain:f2} times as fast in {Precision.BFloat16} as in {Precision.Single} here."));
        return choice;
    }

    private void Advance(TrainingState state, TrainingStep step, ImageBatch batch)
    {
        var position = state.Position;
        var rate = RateAt(position);
        state.Optimizer.LearningRate = rate;
        var outcome = Take(step, batch, position);
        if (!double.IsFinite(outcome.Loss))
            throw ranks.OfAll(new InvalidOperationException(
                FormattableString.Invariant($"Training diverged: the loss is {outcome.Loss} in epoch {position.Epoch + 1}, batch {position.Batch + 1}, at a learning rate of {rate:g3}; expected a number. Lower LearningRate.")));
        state.Advance(outcome, elapsedBefore + clock.GetElapsedTime(started));
        events?.Update(state.Position.Updates, rate, outcome, state.Position.Elapsed - position.Elapsed);
        AdversarialTelemetry.Updated(outcome.Images, state.Position.Seen.Loss, state.Position.Seen.Clean, state.Position.Seen.Attacked);
    }

    private double RateAt(TrainingPosition position) =>
        options.LearningRate * options.Schedule.FactorAt(EpochsDone(position), options.Epochs);

    private static double EpochsDone(TrainingPosition position) => position.Epoch + (double)position.Batch / position.BatchesPerEpoch;

    /// <summary>Options promise which domains are trained; a ratio that rounds to no image, or a method that claims more than it does, breaks the promise.</summary>
    private void CheckInferenceDomain()
    {
        var domain = options.ResolvedInferenceDomain;
        if (network.Architecture.Normalization.SeparatesDomains && !network.HasSeen(domain))
            throw new InvalidOperationException(
                $"No image of the {domain} domain entered an update in the first epoch, and the model is to be used in it; expected at least one in some batch (a higher CleanRatio or BatchSize), or another InferenceDomain.");
    }

    private StepOutcome Take(TrainingStep step, ImageBatch batch, TrainingPosition position)
    {
        using var scope = NewDisposeScope();
        step.Epoch = EpochsDone(position);
        var random = new ImageRandom(seed.For("attack").For(position.Epoch), batch.Rows);
        try
        {
            return step.Run(batch.Images.to(network.Device), batch.Labels.to(network.Device), random, measures: position.Batch % options.MeasureEvery == 0, batch.Targets?.to(network.Device), batch.IsStandIn);
        }
        catch (ExternalException exception) when (exception.Message.Contains("allocate memory", StringComparison.Ordinal) || exception.Message.Contains("out of memory", StringComparison.Ordinal))
        {
            throw new InsufficientMemoryException(
                $"A training step of {network.Architecture} on {batch.Count} images needs more memory than there is; lower BatchSize (it is {options.BatchSize}), Depth or Width. "
                + $"Torch said: {exception.Message.Split('\n')[0]}",
                exception);
        }
    }

    /// <summary>After an update: the rate is that of the update itself.</summary>
    private TrainingMetrics Metrics(TrainingPosition position)
    {
        var done = (position.Epoch + Math.Min(1, (double)position.Batch / position.BatchesPerEpoch)) / options.Epochs;
        var seen = position.Seen;
        return new TrainingMetrics
        {
            Epoch = position.Epoch + 1,
            Epochs = options.Epochs,
            Batch = position.Batch,
            Batches = position.BatchesPerEpoch,
            LearningRate = RateAt(position with { Batch = position.Batch - 1 }),
            Loss = seen.Loss,
            CleanAccuracy = seen.Clean.Accuracy,
            RobustAccuracy = seen.Attacked.Accuracy,
            MeasuredImages = seen.Clean.Total,
            Elapsed = position.Elapsed,
            Remaining = position.Elapsed * (1 / done - 1),
        };
    }
}
