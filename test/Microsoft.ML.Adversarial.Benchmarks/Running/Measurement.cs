namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the rounds say of a contestant.</summary>
internal sealed record Measurement
{
    public required string Contestant { get; init; }

    /// <summary>How many times as fast as the baseline; null of the baseline itself.</summary>
    public required Spread? Ratio { get; init; }

    public required double ImagesPerSecond { get; init; }

    /// <summary>Multiplications and additions; 0 where no network computes.</summary>
    public required double OperationsPerSecond { get; init; }

    /// <summary>Operations per second of a convolution alone, in the contestant's precision.</summary>
    public required double? Peak { get; init; }

    /// <summary>Resident bytes of the process while the contestant ran.</summary>
    public required long PeakMemory { get; init; }
}
