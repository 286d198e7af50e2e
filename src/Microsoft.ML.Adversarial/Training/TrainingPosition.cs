namespace Microsoft.ML.Adversarial;

/// <summary>How far a run has come: together with weights, momentum and the seed, all that decides the rest of it.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Batch">Batches of the current epoch that are done.</param>
/// <param name="BatchesPerEpoch">What the learning rate counts with.</param>
/// <param name="Seen">What the current epoch has seen.</param>
/// <param name="Elapsed">Time spent training.</param>
internal sealed record TrainingPosition(int Epoch, int Batch, int BatchesPerEpoch, StepOutcome Seen, TimeSpan Elapsed)
{
    /// <summary>Weight updates done.</summary>
    public long Updates { get; init; }

    /// <summary>Epochs whose end an average has taken in.</summary>
    public int AveragedEpochs { get; init; }

    /// <summary>What validation found after each epoch; empty without validation.</summary>
    public IReadOnlyList<EpochMetrics> History { get; init; } = [];
}
