using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The true class against the wrong ones.</summary>
internal static class LogitMargin
{
    /// <summary>z_y - max z_i over the wrong classes: below zero where an image is misclassified.</summary>
    /// <param name="logits">float32 [batch, classes].</param>
    /// <param name="labels">int64 [batch].</param>
    /// <returns>float32 [batch], differentiable in the logits.</returns>
    public static Tensor Of(Tensor logits, Tensor labels) =>
        logits.gather(1, labels.unsqueeze(1)).squeeze(1).sub(WithoutTrueClass(logits, labels, double.NegativeInfinity).amax([1]));

    /// <summary>For each image the wrong class of a rank by the logits, 0 for the likeliest; int64 [batch].</summary>
    public static Tensor RankedWrongClasses(Tensor logits, Tensor labels, int rank) =>
        WithoutTrueClass(logits, labels, double.NegativeInfinity).argsort(1, descending: true)[.., rank];

    /// <summary>For each image the wrong class with the lowest logit; int64 [batch].</summary>
    public static Tensor LeastLikelyWrongClasses(Tensor logits, Tensor labels) =>
        WithoutTrueClass(logits, labels, double.PositiveInfinity).argmin(1);

    private static Tensor WithoutTrueClass(Tensor logits, Tensor labels, double instead) =>
        logits.scatter(1, labels.unsqueeze(1), zeros([labels.shape[0], 1], device: logits.device).AddInPlace(instead));
}
