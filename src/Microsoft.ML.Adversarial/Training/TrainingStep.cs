using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One batch under the options' method: what its context does, and what it saw.</summary>
internal sealed class TrainingStep(ImageNetwork network, GradientDescent optimizer, TrainingOptions options, MethodMemory memory) : IDisposable
{
    private readonly GradientExchange exchange = new(network, options.Group);

    /// <summary>What updates normalise with: the batch's statistics, or in consistent epochs the running ones.</summary>
    public NormalizationStatistics Statistics { get; set; } = NormalizationStatistics.Batch;

    /// <summary>Epochs done, with the fraction of the current one.</summary>
    public double Epoch { get; set; }

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], on the network's device.</param>
    /// <param name="labels">int64 [batch].</param>
    /// <param name="random">The method's streams.</param>
    /// <param name="measures">Whether to measure accuracies before the first update.</param>
    /// <param name="targets">float32 [batch, classes]; null where they are the labels.</param>
    /// <param name="isStandIn">Whether the images count for nothing; see <see cref="ImageBatch.IsStandIn"/>.</param>
    /// <returns>Of all ranks. The loss is the mean of the updates'; where it is no number, the weights are as they were before it.</returns>
    public StepOutcome Run(Tensor images, Tensor labels, ImageRandom random, bool measures, Tensor? targets = null, bool isStandIn = false)
    {
        using var scope = NewDisposeScope();
        // Counted on the device, and asked for when the step is done.
        var (clean, attacked) = (measures ? Correct(options.ResolvedInferenceDomain, images, labels) : null, (Tensor?)null);
        var updates = new BatchUpdates(network, optimizer, options, memory, exchange, images, labels) { Epoch = Epoch, Statistics = Statistics, IsStandIn = isStandIn, FirstCrafted = measures ? Measure : null };
        options.Method.Step(new UpdateContext(images, labels, random, network.Architecture.ClassCount, updates, targets));
        if (updates.Losses.Count == 0)
            throw new InvalidOperationException($"{options.Method.GetType().Name} made no update of a batch; expected its Step to call Update at least once.");
        var outcome = new StepOutcome(updates.Losses.Average(), images.shape[0], Tallied(clean), Tallied(attacked));
        return options.Group.IsAlone ? outcome : OfAll(isStandIn ? new StepOutcome(outcome.Loss, 0, default, default) : outcome);

        void Measure(Tensor crafted)
        {
            // The method may have opened a scope of its own.
            if (attacked is null)
                scope.Attach(attacked = Correct(ImageDomain.Adversarial, crafted, labels));
        }

        Tally Tallied(Tensor? correct) => correct is null ? default : new Tally(correct.cpu().item<long>(), labels.shape[0]);
    }

    public void Dispose() => exchange.Dispose();

    /// <summary>Where all ranks begin.</summary>
    public void TakeWeightsOfFirst() => exchange.TakeWeightsOfFirst();

    /// <summary>The loss is that of all already.</summary>
    private StepOutcome OfAll(StepOutcome here)
    {
        long[] counts = [here.Images, here.Clean.Correct, here.Clean.Total, here.Attacked.Correct, here.Attacked.Total];
        options.Group.Sum(counts);
        return new StepOutcome(here.Loss, counts[0], new Tally(counts[1], counts[2]), new Tally(counts[3], counts[4]));
    }

    /// <returns>int64, one number: how many are classified as labelled.</returns>
    private Tensor Correct(ImageDomain domain, Tensor images, Tensor labels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var frozen = network.Freeze(domain);
        return Classification.IsMisclassified(frozen.Logits(images), labels).logical_not().sum().MoveToOuterDisposeScope();
    }
}
