using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an attack's loss is of, beside the logits of the attacked images.</summary>
public sealed class LossContext
{
    private readonly Func<Tensor> cleanLogits;

    internal LossContext(Tensor labels, Tensor? targets, Func<Tensor> cleanLogits)
    {
        (Labels, Targets) = (labels, targets);
        this.cleanLogits = cleanLogits;
    }

    /// <summary>int64 [batch], the true classes.</summary>
    public Tensor Labels { get; }

    /// <summary>int64 [batch], the class to reach for each image; null where the true class is to be left.</summary>
    public Tensor? Targets { get; }

    /// <summary>float32 [batch, classes]: the network's logits on the clean images, without gradient; the first look at them costs a forward pass.</summary>
    public Tensor CleanLogits => cleanLogits();
}
