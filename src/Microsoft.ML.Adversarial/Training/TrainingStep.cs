using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One batch under the options' method: what its context does, and what it saw.</summary>
internal sealed class TrainingStep(ImageNetwork network, GradientDescent optimizer, TrainingOptions options)
{
    /// <summary>What updates normalise with: the batch's statistics, or in consistent epochs the running ones.</summary>
    public NormalizationStatistics Statistics { get; set; } = NormalizationStatistics.Batch;

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], on the network's device.</param>
    /// <param name="labels">int64 [batch].</param>
    /// <param name="random">The method's streams.</param>
    /// <param name="measures">Whether to measure accuracies before the first update.</param>
    /// <returns>The loss is the mean of the updates'; where it is no number, the weights are as they were before it.</returns>
    public StepOutcome Run(Tensor images, Tensor labels, ImageRandom random, bool measures)
    {
        using var scope = NewDisposeScope();
        // Counted on the device, and asked for when the step is done.
        var (clean, attacked) = (measures ? Correct(options.ResolvedInferenceDomain, images, labels) : null, (Tensor?)null);
        var losses = new List<double>();
        options.Method.Step(new UpdateContext(images, labels, random, network.Architecture.ClassCount, Craft, Update));
        if (losses.Count == 0)
            throw new InvalidOperationException($"{options.Method.GetType().Name} made no update of a batch; expected its Step to call Update at least once.");
        return new StepOutcome(losses.Average(), images.shape[0], Tallied(clean), Tallied(attacked));

        Tensor Craft(Attack attack, ImageRandom streams)
        {
            var statistics = options.CraftingStatistics == CraftingStatistics.Batch ? NormalizationStatistics.BatchUntracked : NormalizationStatistics.Running;
            using var frozen = network.Freeze(ImageDomain.Adversarial, statistics, options.CraftingPrecision);
            var crafted = attack.Craft(frozen, images, labels, streams);
            if (measures && losses.Count == 0 && attacked is null)
                // The method may have opened a scope of its own.
                scope.Attach(attacked = Correct(ImageDomain.Adversarial, crafted, labels));
            return crafted;
        }

        void Update(Func<ITrainableClassifier, LossSum> lossOf)
        {
            // A loss that is no number would spoil every weight: a step cannot go on without this one number.
            if (losses.Exists(before => !double.IsFinite(before)))
                return;
            using var inner = NewDisposeScope();
            using var update = network.ForUpdate(Statistics, options.ActivationCheckpointing, options.UpdatePrecision);
            var loss = lossOf(update).Mean();
            losses.Add(loss.detach().cpu().item<float>());
            if (!double.IsFinite(losses[^1]))
                return;
            optimizer.ZeroGradients();
            update.Backward(loss);
            optimizer.Step();
        }

        Tally Tallied(Tensor? correct) => correct is null ? default : new Tally(correct.cpu().item<long>(), labels.shape[0]);
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
