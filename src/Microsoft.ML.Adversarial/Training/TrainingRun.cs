using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Training;

/// <summary>All epochs of one training: asks for batches, sets the rate, takes the steps, reports.</summary>
/// <param name="network">Trained in place.</param>
/// <param name="options">How.</param>
/// <param name="seed">The attack's randomness; the order of the images is the batches' affair.</param>
/// <param name="clock">For the times in the reports.</param>
internal sealed class TrainingRun(ResidualNetwork network, TrainingOptions options, Seed seed, TimeProvider clock)
{
    private readonly long started = clock.GetTimestamp();

    /// <param name="batchesOf">The batches of an epoch, counted from 0; each batch is disposed after use.</param>
    /// <param name="batchesPerEpoch">How many there will be; the rate and the time left depend on it, and from the second epoch on the count of the last one is used.</param>
    /// <param name="progress">Hears of every update; may be null.</param>
    /// <param name="cancellation">Stops within one update.</param>
    /// <exception cref="InvalidOperationException">The loss is no longer a number, or no image of the inference domain came.</exception>
    /// <exception cref="InsufficientMemoryException">A step needs more memory than there is.</exception>
    public void Train(Func<int, IEnumerable<ImageBatch>> batchesOf, int batchesPerEpoch, IProgress<TrainingMetrics>? progress, CancellationToken cancellation)
    {
        options.Check();
        using var optimizer = new GradientDescent(network.parameters(), options.Momentum, options.WeightDecay);
        var step = new TrainingStep(network, optimizer, options);
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            step.Statistics = epoch < options.Epochs - options.ConsistentEpochs ? NormalizationStatistics.Batch : NormalizationStatistics.Running;
            var batchNumber = 0;
            var seen = default(StepOutcome);
            var rate = 0.0;
            foreach (var batch in batchesOf(epoch))
            {
                using var used = batch;
                cancellation.ThrowIfCancellationRequested();
                rate = options.LearningRate * options.Schedule.FactorAt(epoch + (double)batchNumber / batchesPerEpoch, options.Epochs);
                optimizer.LearningRate = rate;
                var outcome = Take(step, batch, epoch, batchNumber);
                if (!double.IsFinite(outcome.Loss))
                    throw new InvalidOperationException(
                        FormattableString.Invariant($"Training diverged: the loss is {outcome.Loss} in epoch {epoch + 1}, batch {batchNumber + 1}, at a learning rate of {rate:g3}; expected a number. Lower LearningRate."));
                seen += outcome;
                batchNumber++;
                progress?.Report(Metrics(epoch, batchNumber, batchesPerEpoch, rate, seen));
            }
            if (epoch == 0)
                CheckInferenceDomain();
            if (batchNumber == 0 || batchNumber >= batchesPerEpoch)
                continue;
            // Rows left out make an epoch shorter than announced; the next will be as long as this one.
            batchesPerEpoch = batchNumber;
            progress?.Report(Metrics(epoch, batchNumber, batchesPerEpoch, rate, seen));
        }
    }

    /// <summary>Options promise which domains are trained; a ratio that rounds to no image, or an objective that claims more than it does, breaks the promise.</summary>
    private void CheckInferenceDomain()
    {
        var domain = options.ResolvedInferenceDomain;
        if (network.Architecture.Normalization.SeparatesDomains && !network.HasSeen(domain))
            throw new InvalidOperationException(
                $"No image of the {domain} domain entered an update in the first epoch, and the model is to be used in it; expected at least one in some batch (a higher CleanRatio or BatchSize), or another InferenceDomain.");
    }

    private StepOutcome Take(TrainingStep step, ImageBatch batch, int epoch, int batchNumber)
    {
        using var scope = NewDisposeScope();
        var attackSeed = seed.For("attack").For(epoch);
        var random = new ImageRandom(attackSeed, attackSeed.For("batch").For(batchNumber), batch.Rows);
        try
        {
            return step.Run(batch.Images.to(network.Device), batch.Labels.to(network.Device), random, measures: batchNumber % options.MeasureEvery == 0);
        }
        catch (ExternalException exception) when (exception.Message.Contains("allocate memory", StringComparison.Ordinal) || exception.Message.Contains("out of memory", StringComparison.Ordinal))
        {
            throw new InsufficientMemoryException(
                $"A training step of {network.Architecture} on {batch.Count} images needs more memory than there is; lower BatchSize (it is {options.BatchSize}), Depth or Width. "
                + $"Torch said: {exception.Message.Split('\n')[0]}",
                exception);
        }
    }

    private TrainingMetrics Metrics(int epoch, int batches, int batchesPerEpoch, double rate, StepOutcome seen)
    {
        var elapsed = clock.GetElapsedTime(started);
        var done = (epoch + Math.Min(1, (double)batches / batchesPerEpoch)) / options.Epochs;
        return new TrainingMetrics(
            epoch + 1, options.Epochs, batches, batchesPerEpoch, rate, seen.Loss, seen.Clean.Accuracy, seen.Attacked.Accuracy, elapsed, elapsed * (1 / done - 1));
    }
}
