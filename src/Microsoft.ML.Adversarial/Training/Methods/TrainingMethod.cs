using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What one batch of training images does to a network: the one seam by which ways of training differ. Derive from it to bring one of your own.</summary>
public abstract record TrainingMethod : Described
{
    /// <summary>The attack that the method trains against, which is also measured with where nothing else is stated; null where there is none.</summary>
    public virtual Attack? Attack => null;

    /// <summary>The share of each label that is spread evenly over all classes (Szegedy et al. 2016, section 7).</summary>
    /// <value>Default 0; from 0 to below 1. Xie &amp; Yuille 2020 train with 0.1.</value>
    public double LabelSmoothing { get; init => field = Require.InRange(value, 0, 0.999); }

    /// <summary>The domains whose images enter updates. A model is used in the adversarial one where that is among them, unless the options say otherwise.</summary>
    /// <value>Default: both.</value>
    public virtual IReadOnlyList<ImageDomain> Domains => [ImageDomain.Clean, ImageDomain.Adversarial];

    /// <summary>Whether the loss contains gradients at the images and so is differentiated twice, which <see cref="TrainingOptions.ActivationCheckpointing"/> does not allow.</summary>
    /// <value>Default false.</value>
    public virtual bool NeedsImageGradientGraph => false;

    /// <summary>Whether the method compares with <see cref="UpdateContext.Targets"/>, so that images of two classes, as <see cref="CutMix"/> makes them, can be trained on.</summary>
    /// <value>Default false: such images are refused.</value>
    public virtual bool TakesMixedLabels => false;

    /// <summary>Trains on one batch: crafts what it needs, and updates the weights at least once.</summary>
    /// <remarks>Called for every batch. What it decides at random it draws from <see cref="UpdateContext.Random"/>, so that a run can be repeated and gone on with.</remarks>
    /// <param name="step">The batch, and all that may be done with it.</param>
    protected internal abstract void Step(UpdateContext step);

    /// <summary>Called before training: refuses options that contradict each other.</summary>
    /// <exception cref="ArgumentException">They do.</exception>
    protected internal virtual void Check()
    {
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        Require.NotNull(identity, nameof(identity)).Add("label smoothing", LabelSmoothing);
        identity.EndOfBase();
    }

    /// <summary>The cross-entropy of a batch with <see cref="LabelSmoothing"/>; each image counts 1.</summary>
    /// <param name="logits">float32 [batch, classes].</param>
    /// <param name="labels">int64 [batch], or float32 [batch, classes], the share of each class: <see cref="UpdateContext.Targets"/>.</param>
    /// <returns>The sum over the images, differentiable in the logits.</returns>
    protected LossSum CrossEntropy(Tensor logits, Tensor labels) =>
        new(nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum, label_smoothing: LabelSmoothing), Require.NotNull(labels, nameof(labels)).shape[0]);
}
