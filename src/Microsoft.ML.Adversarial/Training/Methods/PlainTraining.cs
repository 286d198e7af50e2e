namespace Microsoft.ML.Adversarial;

/// <summary>Cross-entropy on clean images: the baseline that any perturbation breaks.</summary>
public sealed record PlainTraining : TrainingMethod
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImageDomain> Domains => [ImageDomain.Clean];

    /// <inheritdoc/>
    public override bool TakesMixedLabels => true;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"plain training, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Targets));
    }
}
