using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network during weight updates: forward passes that a loss is made of, and that loss's way back to the weights' gradients.</summary>
internal class NetworkUpdate(ImageNetwork network, NormalizationStatistics statistics, Precision precision) : ITrainableClassifier, IDisposable
{
    public int ClassCount => network.Architecture.ClassCount;

    protected ImageNetwork Network => network;

    public Tensor Logits(Tensor images, ImageDomain domain)
    {
        network.MarkSeen(domain);
        return Forward(images, domain);
    }

    public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial)
    {
        var (cleanCount, adversarialCount) = (clean.shape[0], adversarial.shape[0]);
        if (cleanCount == 0)
            return (None(adversarial), Logits(adversarial, ImageDomain.Adversarial));
        if (adversarialCount == 0)
            return (Logits(clean, ImageDomain.Clean), None(clean));
        if (network.Architecture.Normalization.SeparatesDomains)
            return (Logits(clean, ImageDomain.Clean), Logits(adversarial, ImageDomain.Adversarial));

        using var scope = NewDisposeScope();
        // The domain says nothing to a layer that does not tell domains apart.
        var logits = Logits(cat([clean, adversarial]), ImageDomain.Adversarial);
        return (
            logits.narrow(0, 0, cleanCount).MoveToOuterDisposeScope(),
            logits.narrow(0, cleanCount, adversarialCount).MoveToOuterDisposeScope());
    }

    /// <summary>Adds the gradient of a loss, made of logits of this update, to that of the weights.</summary>
    public virtual void Backward(Tensor loss) => loss.backward();

    /// <summary>Frees what is kept for a way back that was not taken.</summary>
    public virtual void Dispose()
    {
    }

    protected virtual Tensor Forward(Tensor images, ImageDomain domain) => network.call(images, In(domain));

    protected Phase In(ImageDomain domain) => new(domain, statistics, precision);

    private Tensor None(Tensor images) => empty([0, ClassCount], device: images.device);
}
