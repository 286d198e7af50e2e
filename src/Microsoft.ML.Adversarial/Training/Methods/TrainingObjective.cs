using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// What a weight update lowers, and the attack that makes its images: the one seam by which training methods differ. Derive from it to bring one of your own.
/// </summary>
public abstract record TrainingObjective
{
    /// <summary>The attack that perturbs each batch before its update; null where none does.</summary>
    public virtual Attack? Attack => null;

    /// <summary>The share of each label that is spread evenly over all classes (Szegedy et al. 2016, section 7).</summary>
    /// <value>Default 0; from 0 to below 1. Xie &amp; Yuille 2020 train with 0.1.</value>
    public double LabelSmoothing { get; init => field = Require.InRange(value, 0, 0.999); }

    /// <summary>The domains whose images enter updates. A model is used in the adversarial one where that is among them, unless the options say otherwise.</summary>
    /// <value>Default: both.</value>
    public virtual IReadOnlyList<ImageDomain> Domains => [ImageDomain.Clean, ImageDomain.Adversarial];

    /// <summary>The loss of a batch.</summary>
    /// <param name="network">The network; each call of it moves the running statistics.</param>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], clean; not to be changed.</param>
    /// <param name="adversarial">The same images as <see cref="Attack"/> left them, or <paramref name="images"/> itself where there is no attack; not to be changed.</param>
    /// <param name="labels">int64 [batch].</param>
    /// <returns>A scalar that is differentiable in the network's weights.</returns>
    public abstract Tensor Loss(ITrainableClassifier network, Tensor images, Tensor adversarial, Tensor labels);

    /// <summary>Called before training: refuses options that contradict each other.</summary>
    /// <exception cref="ArgumentException">They do.</exception>
    protected internal virtual void Check()
    {
    }

    /// <summary>The mean cross-entropy of a batch with <see cref="LabelSmoothing"/>.</summary>
    /// <param name="logits">float32 [batch, classes].</param>
    /// <param name="labels">int64 [batch].</param>
    /// <returns>A scalar.</returns>
    protected Tensor CrossEntropy(Tensor logits, Tensor labels) => nn.functional.cross_entropy(logits, labels, label_smoothing: LabelSmoothing);
}
