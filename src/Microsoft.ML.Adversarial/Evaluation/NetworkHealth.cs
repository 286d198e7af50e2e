using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a look at one batch of clean images tells of a network's fitness to be attacked.</summary>
/// <param name="AnswersVary">The same images got other answers when asked again.</param>
/// <param name="AnswersAreProbabilities">The answers lie in [0, 1] and add up to 1, as scores after a softmax do.</param>
/// <param name="WithoutGradient">The share of the correctly classified images whose cross-entropy has no gradient at all; 0 where gradients were not asked for.</param>
internal sealed record NetworkHealth(bool AnswersVary, bool AnswersAreProbabilities, double WithoutGradient)
{
    public static NetworkHealth Of(IImageClassifier network, Tensor images, Tensor labels, bool needsGradient)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (network.Logits(images).detach(), network.Logits(images).detach());
        // What is no number both times is the same answer.
        var varies = first.nan_to_num().ne(second.nan_to_num()).any().item<bool>();
        var sums = first.sum(1).Plus(-1).abs();
        var areProbabilities = first.IsAtMost(1).all().item<bool>() && first.neg().IsAtMost(0).all().item<bool>() && sums.IsAtMost(1e-3).all().item<bool>();
        return new NetworkHealth(varies, areProbabilities, needsGradient ? ShareWithoutGradient() : 0);

        double ShareWithoutGradient()
        {
            var seen = NetworkAnswer.Of(network, images, AttackLoss.CrossEntropy, new LossContext(labels, targets: null, () => first));
            var isFlat = seen.Gradient!.abs().flatten(1).amax([1]).IsAtMost(0);
            var stands = seen.IsMisclassified.logical_not();
            var count = stands.sum().cpu().item<long>();
            return count == 0 ? 0 : isFlat.logical_and(stands).sum().cpu().item<long>() / (double)count;
        }
    }
}
