namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The contestants of a benchmark, ready to run.</summary>
internal sealed class Race : IDisposable
{
    /// <summary>The first is the baseline of the others.</summary>
    public required IReadOnlyList<Contestant> Contestants { get; init; }

    /// <summary>Of the network for one image; 0 where no network computes.</summary>
    public long MultiplyAdds { get; init; }

    /// <summary>Whose speed alone is the peak that shares refer to; null where no network computes.</summary>
    public ConvolutionShape? TypicalLayer { get; init; }

    /// <summary>Untimed runs of each contestant before the first round.</summary>
    public int WarmUps { get; init; } = 1;

    /// <summary>What a reader should know beside the figures, once they are there.</summary>
    public Func<string> Remark { get; init; } = () => "";

    /// <summary>Disposed with the race.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    public void Dispose()
    {
        foreach (var owned in Owned)
            owned.Dispose();
    }
}
