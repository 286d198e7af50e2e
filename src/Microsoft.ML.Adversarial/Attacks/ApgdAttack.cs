namespace Microsoft.ML.Adversarial;

/// <summary>
/// Auto-PGD: gradient steps with momentum whose size halves by itself where progress stalls, so that there is no step size to choose (Croce &amp; Hein 2020,
/// "Reliable evaluation of adversarial robustness", section 3, algorithm 1).
/// </summary>
/// <example>
/// <code>
/// new ApgdAttack(Budget.LInf(8)) { Goal = AttackGoal.LikeliestTargets(9), Loss = AttackLoss.DifferenceOfLogitsRatio }
/// </code>
/// </example>
public sealed record ApgdAttack : Attack
{
    /// <summary>The step at the start, in radii (section 3).</summary>
    private const double FirstStepRadii = 2;

    /// <summary>APGD within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public ApgdAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>What is raised.</summary>
    /// <value>Default <see cref="AttackLoss.CrossEntropy"/>.</value>
    public AttackLoss Loss { get; init => field = Require.NotNull(value); } = AttackLoss.CrossEntropy;

    /// <summary>What to make of the image.</summary>
    /// <value>Default <see cref="AttackGoal.Untargeted"/>. AutoAttack's APGD-T takes <see cref="AttackLoss.DifferenceOfLogitsRatio"/> and <see cref="AttackGoal.LikeliestTargets"/>.</value>
    public AttackGoal Goal { get; init => field = Require.NotNull(value); } = AttackGoal.Untargeted;

    /// <summary>Gradient steps from each start.</summary>
    /// <value>Default 100, as in AutoAttack; from 1 to 10 000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 100;

    /// <summary>Random starts, for each target where the goal has several.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>Gradients averaged at each step, for networks that are random themselves (expectation over transformation, Athalye et al. 2018, section 4).</summary>
    /// <value>Default 1; from 1 to 1000. AutoAttack's randomised version takes 20.</value>
    public int GradientSamples { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <inheritdoc/>
    public override string Name => Goal == AttackGoal.Untargeted ? $"APGD-{Loss.Abbreviation}" : "APGD-T";

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} ({Budget}, {Loss}, {Goal}, {Steps} steps{Several(Restarts, "restarts")}{Several(GradientSamples, "gradient samples")})");

    /// <inheritdoc/>
    protected internal override IEnumerable<SearchStart> Starts(int classCount) => SearchStart.Of(Goal.AimCount(classCount), Restarts);

    /// <inheritdoc/>
    protected internal override Search Begin(SearchInput input)
    {
        Require.NotNull(input, nameof(input));
        var start = Budget.Project(input.Images.PlusScaled(Budget.RandomDirection(input.Images, input.Random), Budget.Radius), input.Images);
        return new ApgdSearch(this, input, start, FirstStepRadii * Budget.Radius, new ApgdSchedule(Steps));
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("steps", Steps);
        identity.Add("loss", Loss);
        identity.Add("goal", Goal);
        identity.Add("restarts", Restarts);
        identity.Add("gradient samples", GradientSamples);
    }
}
