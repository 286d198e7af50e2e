
namespace Microsoft.ML.Adversarial;

/// <summary>Measures a network after every epoch and keeps the weights of the best one.</summary>
internal sealed class BestWeights(ImageNetwork network, ModelSelection selection, ImageDomain domain, Func<IEnumerable<ImageBatch>> validation, Seed seed, ProcessGroup? group = null) : IDisposable
{
    private readonly ProcessGroup ranks = group ?? ProcessGroup.Alone;

    public WeightSnapshot Snapshot { get; } = new(network);

    /// <summary>The first epoch that no later one surpasses; never one that ends the run because it is catastrophic.</summary>
    public EpochMetrics? Best(IReadOnlyList<EpochMetrics> history) => (IsCollapsed(history) ? history.SkipLast(1) : history).MaxBy(selection.Score);

    /// <summary>Whether the selection wants no further epoch.</summary>
    public bool IsOver(IReadOnlyList<EpochMetrics> history) =>
        IsCollapsed(history) || (selection.Patience is { } patience && Best(history) is { } best && history[^1].Epoch - best.Epoch >= patience);

    /// <returns>The history with the epoch that is just done.</returns>
    public IReadOnlyList<EpochMetrics> Measure(IReadOnlyList<EpochMetrics> history, int epoch, double loss, CancellationToken cancellation)
    {
        var (clean, robust) = Measure(cancellation);
        if (clean.Total == 0)
            throw new InvalidDataException("None of the validation images can be read; expected some to select an epoch on.");
        var measured = new EpochMetrics { Epoch = epoch, Loss = loss, CleanCorrect = clean.Correct, RobustCorrect = robust.Correct, Examples = clean.Total };
        EpochMetrics[] all = [.. history, measured];
        if (ReferenceEquals(Best(all), measured))
            Snapshot.Take();
        return all;
    }

    public void Dispose() => Snapshot.Dispose();

    /// <summary>Every rank its part of the images, and together all.</summary>
    private (Tally Clean, Tally Robust) Measure(CancellationToken cancellation)
    {
        long[] counts = [0, 0, 0];
        var isStopped = false;
        try
        {
            using var frozen = network.Freeze(domain);
            // The same streams every time: epochs differ by their weights alone.
            var outcome = new RobustnessEvaluator(frozen, [selection.Attack], network.Device, seed) { Cancellation = cancellation }.Evaluate(validation());
            var (clean, robust) = (outcome.Conditions[0].Tally, outcome.Conditions[^1].Tally);
            counts = [clean.Correct, robust.Correct, clean.Total];
        }
        catch (OperationCanceledException)
        {
            isStopped = true;
        }
        ranks.ThrowIfAnyStopped(new CancellationToken(isStopped));
        ranks.Sum(counts);
        return (new Tally(counts[0], counts[2]), new Tally(counts[1], counts[2]));
    }

    private bool IsCollapsed(IReadOnlyList<EpochMetrics> history) => selection.StopsOnCatastrophicOverfitting && TrainingWarnings.IsCollapsed(history);
}
