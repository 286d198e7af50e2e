using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>Passes everything on to another classifier and tells a watcher which images it was asked about.</summary>
internal sealed class WatchingClassifier(IImageClassifier watched, Action<Tensor> see) : IImageClassifier
{
    public int ClassCount => watched.ClassCount;

    public Tensor Logits(Tensor images)
    {
        var logits = watched.Logits(images);
        see(images);
        return logits;
    }
}
