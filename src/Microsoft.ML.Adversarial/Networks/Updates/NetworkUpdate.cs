using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network during weight updates: forward passes that a loss is made of, and that loss's way back to the weights' gradients.</summary>
internal class NetworkUpdate(ImageNetwork network, NormalizationStatistics statistics, Precision precision, SharedStatistics? shared = null) : ITrainableClassifier, IDisposable
{
    public int ClassCount => network.Architecture.ClassCount;

    public ITrainableClassifier Untracked => new Passes(this, statistics == NormalizationStatistics.Running ? statistics : NormalizationStatistics.BatchUntracked);

    protected ImageNetwork Network => network;

    private Precision Precision => precision;

    private SharedStatistics? Shared => shared;

    private Passes Tracked => new(this, statistics);

    public Tensor Logits(Tensor images, ImageDomain domain) => Tracked.Logits(images, domain);

    public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial) => Tracked.Logits(clean, adversarial);

    /// <summary>Adds the gradient of a loss, made of logits of this update, to that of the weights, and of images that require one.</summary>
    /// <exception cref="Exception">What went wrong in a sum over ranks on that way; the gradients are none then.</exception>
    public void Backward(Tensor loss)
    {
        GoBack(loss);
        shared?.ThrowIfFailed();
    }

    /// <summary>Frees what is kept for a way back that was not taken.</summary>
    public virtual void Dispose()
    {
    }

    protected virtual void GoBack(Tensor loss) => loss.backward();

    protected virtual Tensor Forward(Tensor images, Phase phase) => network.call(images, phase);

    /// <summary>Forward passes with some statistics.</summary>
    private sealed class Passes(NetworkUpdate update, NormalizationStatistics statistics) : ITrainableClassifier
    {
        public int ClassCount => update.ClassCount;

        public ITrainableClassifier Untracked => update.Untracked;

        public Tensor Logits(Tensor images, ImageDomain domain)
        {
            update.Network.MarkSeen(domain);
            return update.Forward(images, new Phase(domain, statistics, update.Precision, update.Shared));
        }

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial)
        {
            var (cleanCount, adversarialCount) = (clean.shape[0], adversarial.shape[0]);
            if (cleanCount == 0)
                return (None(adversarial), Logits(adversarial, ImageDomain.Adversarial));
            if (adversarialCount == 0)
                return (Logits(clean, ImageDomain.Clean), None(clean));
            if (update.Network.Architecture.Normalization.SeparatesDomains)
                return (Logits(clean, ImageDomain.Clean), Logits(adversarial, ImageDomain.Adversarial));

            using var scope = NewDisposeScope();
            // The domain says nothing to a layer that does not tell domains apart.
            var logits = Logits(cat([clean, adversarial]), ImageDomain.Adversarial);
            return (
                logits.narrow(0, 0, cleanCount).MoveToOuterDisposeScope(),
                logits.narrow(0, cleanCount, adversarialCount).MoveToOuterDisposeScope());
        }

        private Tensor None(Tensor images) => empty([0, ClassCount], device: images.device);
    }
}

