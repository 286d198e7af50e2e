using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The one place that decides which class an image is given, and so whether an attack has broken it.</summary>
internal static class Classification
{
    /// <summary>No class: the scores are no numbers.</summary>
    public const long None = -1;

    /// <param name="logits">float32 [images, classes].</param>
    /// <returns>int64 [images]: the class with the highest logit, the first of equals; <see cref="None"/> where a logit is no number.</returns>
    public static Tensor Predicted(Tensor logits) => logits.argmax(1).masked_fill(logits.isnan().any(1), NoClass);

    /// <returns>bool [images].</returns>
    public static Tensor IsMisclassified(Tensor logits, Tensor labels) => Predicted(logits).ne(labels);

    /// <summary>How wrong each image is: the cross-entropy of its true class; float32 [images].</summary>
    public static Tensor Loss(Tensor logits, Tensor labels) => nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None);

    /// <summary>Lives for good: TorchSharp does not keep numbers alive that it passes on.</summary>
    private static readonly TorchSharp.Scalar NoClass = TorchSharp.ScalarExtensionMethods.ToScalar(None);
}
