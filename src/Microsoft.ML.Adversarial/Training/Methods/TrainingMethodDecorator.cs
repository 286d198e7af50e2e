namespace Microsoft.ML.Adversarial;

/// <summary>A training method around another: it changes what an update of the inner one does. Derive from it to bring one of your own; decorators go around each other, too.</summary>
/// <remarks>In <see cref="TrainingMethod.Step"/> it runs the inner method with <see cref="UpdateContext.WithUpdate"/>.</remarks>
public abstract record TrainingMethodDecorator : TrainingMethod
{
    /// <summary>A method around another.</summary>
    /// <param name="inner">The method whose updates are changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    protected TrainingMethodDecorator(TrainingMethod inner) => Inner = Require.NotNull(inner, nameof(inner));

    /// <summary>The method whose updates are changed.</summary>
    public TrainingMethod Inner { get; }

    /// <inheritdoc/>
    public override Attack? Attack => Inner.Attack;

    /// <inheritdoc/>
    public override IReadOnlyList<ImageDomain> Domains => Inner.Domains;

    /// <inheritdoc/>
    public override bool NeedsImageGradientGraph => Inner.NeedsImageGradientGraph;

    /// <inheritdoc/>
    public override bool TakesMixedLabels => Inner.TakesMixedLabels;

    /// <summary>The domain that attacks go through, where the inner method trains it.</summary>
    internal ImageDomain AttackedDomain => Domains.Contains(ImageDomain.Adversarial) ? ImageDomain.Adversarial : Domains[0];

    /// <inheritdoc/>
    protected internal override void Check()
    {
        if (LabelSmoothing > 0)
            throw new ArgumentException(FormattableString.Invariant($"LabelSmoothing of {GetType().Name} is {LabelSmoothing}, and it makes no cross-entropy of its own to smooth; expected it on the inner method, {Inner.GetType().Name}."));
        Inner.Check();
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("inner", Inner);
        identity.EndOfBase();
    }

    /// <summary>Runs the inner method's step: what a derived one calls with a context of its own.</summary>
    /// <param name="step">The inner method's batch.</param>
    protected void StepInner(UpdateContext step) => Inner.Step(step);
}
