namespace Microsoft.ML.Adversarial;

/// <summary>
/// Adversarial weight perturbation (Wu et al. 2020, arXiv:2004.05884): each update is made where the weights are worst in their own neighbourhood, so that the loss ends up flat in the
/// weights; less robust overfitting, for one more forward and backward pass in each update. Goes around any method.
/// </summary>
/// <example>
/// <code>
/// var trades = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Trades(Budget.LInf(8)) { Beta = 6 } };
/// var mart = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Mart(Budget.LInf(8)) { Beta = 5 } };
/// var flat = trades with { Method = new AdversarialWeightPerturbation(trades.Method) { Share = 0.005, StartEpoch = 10 } };
/// </code>
/// </example>
public sealed record AdversarialWeightPerturbation : TrainingMethodDecorator
{
    /// <summary>Around another method.</summary>
    /// <param name="inner">Its loss is raised by the weights' perturbation and lowered by the update.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    public AdversarialWeightPerturbation(TrainingMethod inner)
        : base(inner)
    {
    }

    /// <summary>How far each weight tensor is moved, as a share of its length: the source's gamma (equation 8).</summary>
    /// <value>Default 0.01, as the source has it for adversarial training, and 0.005 for <see cref="Trades"/>; from 0 to 1.</value>
    public double Share { get; init => field = Require.InRange(value, 0, 1); } = 0.01;

    /// <summary>Epochs at the start without a perturbation.</summary>
    /// <value>Default 0; from 0 to 100 000. The source's public code has 10 of 200 for <see cref="Trades"/>.</value>
    public int StartEpoch { get; init => field = Require.InRange(value, 0, 100_000); }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Inner}, weights perturbed by {Share} from epoch {StartEpoch} on");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        StepInner(step.WithUpdate(loss =>
        {
            using var perturbation = step.Epoch >= StartEpoch ? step.PerturbWeights(loss, Share) : null;
            step.Update(loss);
        }));
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("share", Share);
        identity.Add("start epoch", StartEpoch);
    }
}
