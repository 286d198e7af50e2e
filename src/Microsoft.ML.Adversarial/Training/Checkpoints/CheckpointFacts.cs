namespace Microsoft.ML.Adversarial;

/// <summary>How far the training was that wrote a checkpoint; from <see cref="WeightsFacts.Checkpoint"/>.</summary>
public sealed record CheckpointFacts
{
    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Batches of the current epoch that are done.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches in an epoch.</summary>
    public required int BatchesPerEpoch { get; init; }

    /// <summary>Weight updates done.</summary>
    public required long Updates { get; init; }

    /// <summary>Time spent training.</summary>
    public required TimeSpan TrainingTime { get; init; }

    /// <summary>What validation found after each epoch; empty without validation.</summary>
    public required IReadOnlyList<EpochMetrics> ValidatedEpochs { get; init; }
}
