using Microsoft.ML.Adversarial;
using static TorchSharp.torch;

namespace Samples.RobustnessExplorer.Attacks;

/// <summary>A network that is watched while the library attacks it: an attack sees a network as a function, and every image that it tries is asked about here.</summary>
/// <param name="network">Answers.</param>
/// <param name="seen">Gets each image that was tried, and what the network said; both end with the call.</param>
/// <param name="cancellation">Ends an attack at its next look.</param>
public sealed class WatchedClassifier(IImageClassifier network, Action<Tensor, Tensor> seen, CancellationToken cancellation) : IImageClassifier
{
    public int ClassCount => network.ClassCount;

    public Tensor Logits(Tensor images)
    {
        cancellation.ThrowIfCancellationRequested();
        var logits = network.Logits(images);
        using var scope = NewDisposeScope();
        seen(images.detach(), logits.detach());
        return logits;
    }
}
