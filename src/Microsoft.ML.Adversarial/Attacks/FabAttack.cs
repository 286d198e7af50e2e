namespace Microsoft.ML.Adversarial;

/// <summary>
/// Fast adaptive boundary attack: looks for the nearest misclassified image by steps onto the boundary between two classes as it looks from here, pulled
/// back towards the clean image (Croce &amp; Hein 2020, "Minimally distorted adversarial examples with a fast adaptive boundary attack", section 3, algorithm 1). It searches outside the
/// budget too. The steps are the shortest ones within <see cref="Budget.LInf"/> and <see cref="Budget.L2"/>, and good ones within any other budget.
/// </summary>
/// <example>
/// <code>
/// new FabAttack(Budget.LInf(8)) { Steps = 100 }
/// </code>
/// </example>
public sealed record FabAttack : Attack
{
    /// <summary>FAB within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public FabAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>Steps from each start.</summary>
    /// <value>Default 100, as in AutoAttack; from 1 to 10 000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 100;

    /// <summary>Starts tried for each target: the first at the clean image, the others at random points half a radius away.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>Which boundaries are stepped to.</summary>
    /// <value>
    /// Default <see cref="AttackGoal.LikeliestTargets"/> of 9 classes, as in AutoAttack (FAB-T). <see cref="AttackGoal.Untargeted"/>: every step goes to the nearest of all boundaries (FAB),
    /// which takes a gradient of every class.
    /// </value>
    public AttackGoal Goal { get; init => field = Require.NotNull(value); } = AttackGoal.LikeliestTargets();

    /// <summary>Smaller budgets that an evaluation reports from the same run, as attacks of their own.</summary>
    /// <value>Default none; of the kind of <see cref="Attack.Budget"/> and of rising radius, each below its. Goes with one restart, and not inside an ensemble.</value>
    public IReadOnlyList<Budget> ReportWithin { get; init => field = Require.NotNull(value).Count == 0 ? [] : [.. value]; } = [];

    /// <inheritdoc/>
    public override string Name => Goal == AttackGoal.Untargeted ? "FAB" : "FAB-T";

    /// <inheritdoc/>
    public override IReadOnlyList<Attack> Reported
    {
        get
        {
            if (ReportWithin.Count == 0)
                return [this];
            if (ReportWithin.Zip(ReportWithin.Skip(1).Append(Budget)).Any(pair => pair.First.GetType() != Budget.GetType() || !(pair.First.Radius < pair.Second.Radius)))
                throw new InvalidOperationException($"ReportWithin is {string.Join(", ", ReportWithin)}; expected budgets of one kind with rising radii below that of the budget, {Budget}.");
            if (Restarts > 1)
                throw new InvalidOperationException($"{this} reports within several budgets and has {Restarts} restarts, which begin at a share of one of them; expected 1.");
            return [.. ReportWithin.Select(budget => this with { Budget = budget, ReportWithin = [] }), this with { ReportWithin = [] }];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} ({Budget}, {Goal}, {Steps} steps{Several(Restarts, "restarts")})");

    /// <inheritdoc/>
    protected internal override IEnumerable<SearchStart> Starts(int classCount) => SearchStart.Of(Goal.AimCount(classCount), Restarts);

    /// <inheritdoc/>
    protected internal override Search Begin(SearchInput input)
    {
        Require.NotNull(input, nameof(input));
        var start = input.Start.Restart == 0
            ? input.Images
            : input.Images.PlusScaled(Budget.RandomDirection(input.Images, input.Random), Budget.Radius / 2).ClampInPlace(0, 1);
        return new FabSearch(this, input, start);
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("steps", Steps);
        identity.Add("restarts", Restarts);
        identity.Add("goal", Goal);
        identity.Add("reported budget", ReportWithin);
    }
}
