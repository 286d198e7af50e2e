using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Training;

/// <summary>One weight update.</summary>
internal sealed class TrainingStep(ResidualNetwork network, GradientDescent optimizer, TrainingObjective objective)
{
    private readonly ITrainableClassifier updated = network.ForUpdate(NormalizationStatistics.Batch);

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], on the network's device.</param>
    /// <param name="labels">int64 [batch].</param>
    /// <param name="random">The attack's streams.</param>
    /// <param name="measures">Whether to measure accuracies before the update.</param>
    public StepOutcome Run(Tensor images, Tensor labels, ImageRandom random, bool measures)
    {
        using var scope = NewDisposeScope();
        using var frozen = objective.Attack is not null || measures ? network.Freeze(ImageDomain.Adversarial) : null;
        var adversarial = objective.Attack?.Perturb(frozen!, images, labels, random) ?? images;
        var clean = measures ? Measure(frozen!, images, labels) : default;
        var attacked = measures && objective.Attack is not null ? Measure(frozen!, adversarial, labels) : default;

        var loss = objective.Loss(updated, images, adversarial, labels);
        var outcome = new StepOutcome(loss.detach().cpu().item<float>(), images.shape[0], clean, attacked);
        // A loss that is no number would spoil every weight.
        if (!double.IsFinite(outcome.Loss))
            return outcome;

        optimizer.ZeroGradients();
        loss.backward();
        optimizer.Step();
        return outcome;
    }

    private static Tally Measure(FrozenNetwork frozen, Tensor images, Tensor labels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return new Tally((frozen.Logits(images).argmax(1) == labels).sum().cpu().item<long>(), labels.shape[0]);
    }
}
