
namespace Microsoft.ML.Adversarial;

/// <summary>Measures a network after every epoch and keeps the weights of the best one.</summary>
internal sealed class BestWeights(ImageNetwork network, ModelSelection selection, ImageDomain domain, Func<IEnumerable<ImageBatch>> validation, Seed seed) : IDisposable
{
    public WeightSnapshot Snapshot { get; } = new(network);

    /// <summary>The first epoch that no later one surpasses.</summary>
    public EpochMetrics? Best(IReadOnlyList<EpochMetrics> history) => history.MaxBy(selection.Score);

    public bool IsPatienceOver(IReadOnlyList<EpochMetrics> history) =>
        selection.Patience is { } patience && Best(history) is { } best && history[^1].Epoch - best.Epoch >= patience;

    /// <returns>The history with the epoch that is just done.</returns>
    public IReadOnlyList<EpochMetrics> Measure(IReadOnlyList<EpochMetrics> history, int epoch, double loss, CancellationToken cancellation)
    {
        using var frozen = network.Freeze(domain);
        // The same streams every time: epochs differ by their weights alone.
        var outcome = new RobustnessEvaluator(frozen, [selection.Attack], network.Device, seed) { Cancellation = cancellation }.Evaluate(validation());
        var (clean, robust) = (outcome.Conditions[0].Tally, outcome.Conditions[^1].Tally);
        if (clean.Total == 0)
            throw new InvalidDataException("None of the validation images can be read; expected some to select an epoch on.");
        var measured = new EpochMetrics { Epoch = epoch, Loss = loss, CleanCorrect = clean.Correct, RobustCorrect = robust.Correct, Examples = clean.Total };
        if (Best(history) is not { } best || selection.Score(measured) > selection.Score(best))
            Snapshot.Take();
        return [.. history, measured];
    }

    public void Dispose() => Snapshot.Dispose();
}
