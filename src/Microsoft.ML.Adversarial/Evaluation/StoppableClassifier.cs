using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Lets a cancelled attack go no further than its next look at the network: a long attack on one batch takes minutes, and attacks hear of no cancellation.</summary>
internal sealed class StoppableClassifier(IImageClassifier network, CancellationToken cancellation) : IImageClassifier
{
    public int ClassCount => network.ClassCount;

    public Tensor Logits(Tensor images)
    {
        cancellation.ThrowIfCancellationRequested();
        return network.Logits(images);
    }
}
