using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a method does to the network with one batch, and what is counted on the way.</summary>
internal sealed class BatchUpdates(ImageNetwork network, GradientDescent optimizer, TrainingOptions options, MethodMemory memory, GradientExchange exchange, Tensor images, Tensor labels) : IUpdateStep
{
    private readonly List<double> losses = [];

    public required double Epoch { get; init; }

    public int LargestBatch => options.BatchSize;

    public double BudgetShare => options.BudgetShareAt(Epoch);

    /// <summary>What updates normalise with.</summary>
    public required NormalizationStatistics Statistics { get; init; }

    /// <summary>Whether the images count for nothing; see <see cref="ImageBatch.IsStandIn"/>.</summary>
    public bool IsStandIn { get; init; }

    /// <summary>Sees the first images crafted, before the first update.</summary>
    public Action<Tensor>? FirstCrafted { get; init; }

    /// <summary>Of the updates; one that is no number is the last.</summary>
    public IReadOnlyList<double> Losses => losses;

    private bool HasDiverged => losses.Count > 0 && !double.IsFinite(losses[^1]);

    public Tensor Craft(Attack attack, ImageRandom random)
    {
        var statistics = options.CraftingStatistics == CraftingStatistics.Batch ? NormalizationStatistics.BatchUntracked : NormalizationStatistics.Running;
        using var frozen = network.Freeze(ImageDomain.Adversarial, statistics, options.CraftingPrecision);
        var crafted = attack.Craft(frozen, images, labels, random);
        if (losses.Count == 0)
            FirstCrafted?.Invoke(crafted);
        return crafted;
    }

    public void Update(Func<ITrainableClassifier, LossSum> loss)
    {
        // A loss that is no number would spoil every weight: a step cannot go on without this one number.
        if (HasDiverged)
            return;
        using var scope = NewDisposeScope();
        using var update = ForUpdate();
        var (part, mean) = MeanOf(loss(IsStandIn ? update.Untracked : update));
        losses.Add(mean);
        if (HasDiverged)
            return;
        optimizer.ZeroGradients();
        update.Backward(part);
        exchange.SumGradients();
        if (Statistics != NormalizationStatistics.Running)
            exchange.AverageStatistics();
        optimizer.Step();
    }

    public IDisposable PerturbWeights(Func<ITrainableClassifier, LossSum> loss, double share)
    {
        using var scope = NewDisposeScope();
        using var update = ForUpdate();
        optimizer.ZeroGradients();
        var watched = new WatchedImages(update.Untracked);
        update.Backward(MeanOf(loss(watched)).Part);
        watched.PutGradientsBack();
        exchange.SumGradients();
        return new WeightPerturbation(network.parameters(), share);
    }

    public Tensor Memory(string name, long[] shape) => options.Group.IsAlone
        ? memory.Of(name, shape)
        : throw new NotSupportedException($"{options.Method.GetType().Name} keeps numbers from batch to batch, which are those of one process's images, and Distributed has {options.Group.Size} processes; expected one, or another method.");

    private (Tensor Part, double Mean) MeanOf(LossSum loss) => exchange.MeanOf(IsStandIn ? loss.Weighted(0) : loss, IsStandIn ? 0 : images.shape[0]);

    private NetworkUpdate ForUpdate() => network.ForUpdate(Statistics, options.ActivationCheckpointing, options.UpdatePrecision, options.Shared(IsStandIn));
}
