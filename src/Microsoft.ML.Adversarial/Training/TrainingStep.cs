using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One weight update.</summary>
internal sealed class TrainingStep(ResidualNetwork network, GradientDescent optimizer, TrainingOptions options)
{
    private readonly TrainingObjective objective = options.Objective;
    private readonly ImageDomain inferenceDomain = options.ResolvedInferenceDomain;

    /// <summary>What the update normalises with: the batch's statistics, or in consistent epochs the running ones.</summary>
    public NormalizationStatistics Statistics { get; set; } = NormalizationStatistics.Batch;

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], on the network's device.</param>
    /// <param name="labels">int64 [batch].</param>
    /// <param name="random">The attack's streams.</param>
    /// <param name="measures">Whether to measure accuracies before the update.</param>
    public StepOutcome Run(Tensor images, Tensor labels, ImageRandom random, bool measures)
    {
        using var scope = NewDisposeScope();
        var adversarial = Craft(images, labels, random);
        var clean = measures ? Measure(inferenceDomain, images, labels) : default;
        var attacked = measures && objective.Attack is not null ? Measure(ImageDomain.Adversarial, adversarial, labels) : default;

        using var update = network.ForUpdate(Statistics, options.ActivationCheckpointing);
        var loss = objective.Loss(update, images, adversarial, labels);
        var outcome = new StepOutcome(loss.detach().cpu().item<float>(), images.shape[0], clean, attacked);
        // A loss that is no number would spoil every weight.
        if (!double.IsFinite(outcome.Loss))
            return outcome;

        optimizer.ZeroGradients();
        update.Backward(loss);
        optimizer.Step();
        return outcome;
    }

    private Tensor Craft(Tensor images, Tensor labels, ImageRandom random)
    {
        if (objective.Attack is not { } attack)
            return images;
        using var attackedNetwork = network.Freeze(
            ImageDomain.Adversarial, options.CraftingStatistics == CraftingStatistics.Batch ? NormalizationStatistics.BatchUntracked : NormalizationStatistics.Running);
        return attack.Craft(attackedNetwork, images, labels, random);
    }

    private Tally Measure(ImageDomain domain, Tensor images, Tensor labels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var frozen = network.Freeze(domain);
        return new Tally((frozen.Logits(images).argmax(1) == labels).sum().cpu().item<long>(), labels.shape[0]);
    }
}
