using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>A weak network that looks strong: its logits are a million times as large, so that softmax leaves no gradient, or rounded, so that there is none.</summary>
internal sealed class MaskedClassifier(IImageClassifier open, bool isQuantized) : IImageClassifier
{
    private const double Levels = 200;

    public int ClassCount => open.ClassCount;

    public Tensor Logits(Tensor images) => isQuantized
        ? open.Logits(images).Times(Levels).round().Times(1 / Levels)
        : open.Logits(images).Times(1e6);
}
