namespace Microsoft.ML.Adversarial;

/// <summary>
/// Projected gradient descent (Madry et al. 2018, section 2.1): steps along the gradient of a loss, each projected onto the budget and [0, 1]. With one step from the clean
/// image it is FGSM (Goodfellow et al. 2015, section 4). In an evaluation every point on the way counts, not the last alone.
/// </summary>
/// <example>
/// <code>
/// new PgdAttack(Budget.LInf(8)) { Steps = 10, StepSize = StepSize.GreyLevels(2), Start = AttackStart.Clean }
/// </code>
/// </example>
public sealed record PgdAttack : Attack
{
    /// <summary>PGD within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public PgdAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>One step of the budget's whole radius from the clean image.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <returns>PGD with one step.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public static PgdAttack Fgsm(Budget budget) => new(budget) { Steps = 1, Start = AttackStart.Clean };

    /// <summary>One step of 1.25 radii from a random point of the budget: FGSM-RS, with which Fast adversarial training trains (Wong et al. 2020, arXiv:2001.03994, section 4).</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <returns>PGD with one step.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public static PgdAttack FgsmRandomStart(Budget budget) => new(budget) { Steps = 1, StepSize = StepSize.OfRadius(1.25) };

    /// <summary>Gradient steps from each start.</summary>
    /// <value>Default 10; from 1 to 10 000. Madry et al. 2018 (section 5) train with 7; Xie &amp; Yuille 2020 train with 30 and evaluate with up to 2000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 10;

    /// <summary>The length of a step.</summary>
    /// <value>Default null: max(1, eps/steps) grey levels for L-infinity (Xie &amp; Yuille 2020, section 3.1), 2.5 eps/steps for L2. Steps that together do not reach a tenth of the radius are refused when the attack begins.</value>
    public StepSize? StepSize { get; init; }

    /// <summary>What is raised.</summary>
    /// <value>Default <see cref="AttackLoss.CrossEntropy"/>.</value>
    public AttackLoss Loss { get; init => field = Require.NotNull(value); } = AttackLoss.CrossEntropy;

    /// <summary>Where the steps begin.</summary>
    /// <value>Default <see cref="AttackStart.Random"/>.</value>
    public AttackStart Start { get; init => field = Require.NotNull(value); } = AttackStart.Random;

    /// <summary>Starts tried. An evaluation keeps of each image the first that is misclassified, else the one with the highest cross-entropy of the true class.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>What to make of the image.</summary>
    /// <value>Default <see cref="AttackGoal.Untargeted"/>.</value>
    public AttackGoal Goal { get; init => field = Require.NotNull(value); } = AttackGoal.Untargeted;

    /// <summary>Smaller numbers of steps that an evaluation reports from the same run, as attacks of their own: what each would be with this step size.</summary>
    /// <value>Default none; rising, each from 1 to below <see cref="Steps"/>. Goes with one start, and not inside an ensemble.</value>
    public IReadOnlyList<int> ReportAt { get; init => field = Require.NotNull(value).Count == 0 ? [] : [.. value]; } = [];

    /// <inheritdoc/>
    public override string Name => IsFgsm ? "FGSM" : FormattableString.Invariant($"PGD-{Steps}");

    /// <inheritdoc/>
    public override IReadOnlyList<Attack> Reported
    {
        get
        {
            if (ReportAt.Count == 0)
                return [this];
            CheckReported();
            // The length that this attack's own number of steps gives, where there is any way to go.
            var size = StepSize ?? (Budget.DefaultStepSize(Steps) is > 0 and var length ? StepSize.Unit(length) : null);
            return [.. ReportAt.Select(steps => this with { Steps = steps, StepSize = size, ReportAt = [] }), this with { ReportAt = [] }];
        }
    }

    internal override int? Length => Steps;

    private bool IsFgsm => Steps == 1 && Start == AttackStart.Clean;

    /// <inheritdoc/>
    public override string ToString()
    {
        var loss = Loss == AttackLoss.CrossEntropy ? "" : $", {Loss}";
        var size = StepSize is null ? "" : $", step size {StepSize}";
        var start = Start == AttackStart.Random || IsFgsm ? "" : $", {Start}";
        return $"{Name} ({Budget}, {Goal}{loss}{size}{start}{Several(Restarts, "restarts")})";
    }

    /// <inheritdoc/>
    protected internal override IEnumerable<SearchStart> Starts(int classCount) => SearchStart.Of(Goal.AimCount(classCount), Restarts);

    /// <inheritdoc/>
    protected internal override Search Begin(SearchInput input)
    {
        CheckReach();
        return new PgdSearch(this, Require.NotNull(input, nameof(input)));
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("steps", Steps);
        identity.Add("step size", StepSize);
        identity.Add("loss", Loss);
        identity.Add("start", Start);
        identity.Add("restarts", Restarts);
        identity.Add("goal", Goal);
        identity.Add("reported steps", ReportAt.Select(steps => (double)steps));
    }

    /// <summary>Steps that together do not cover a tenth of the radius are on another scale than the budget, and would make any network look robust.</summary>
    private void CheckReach()
    {
        if (StepSize is { } size && size.Within(Budget) * Steps is var reach && reach < Budget.Radius / 10)
            throw new InvalidOperationException(
                FormattableString.Invariant($"StepSize is {size}: {Steps} such steps reach {reach:g3}, less than a tenth of the budget {Budget} ({Budget.Radius:g3} on the scale of [0, 1]); expected longer or more steps."));
    }

    private void CheckReported()
    {
        if (ReportAt.Zip(ReportAt.Skip(1).Append(Steps)).Any(pair => !(pair.First < pair.Second)) || ReportAt[0] < 1)
            throw new InvalidOperationException(FormattableString.Invariant($"ReportAt is {string.Join(", ", ReportAt)}; expected rising numbers from 1 to below Steps, which is {Steps}."));
        if (Restarts > 1 || Goal.AimCount(int.MaxValue) > 1)
            throw new InvalidOperationException($"{this} reports at several numbers of steps and has several starts; expected one start, because a later one begins where an earlier one has ended.");
    }
}
