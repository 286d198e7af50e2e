using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A network that counts what it is asked.</summary>
internal sealed class CountingClassifier(IImageClassifier network) : IImageClassifier
{
    /// <summary>One for each image and direction: what a gradient is wanted of is passed back once.</summary>
    public long Passes { get; private set; }

    public int ClassCount => network.ClassCount;

    public Tensor Logits(Tensor images)
    {
        Passes += images.shape[0] * (images.requires_grad ? 2 : 1);
        return network.Logits(images);
    }
}
