using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Projected gradient descent (Madry et al. 2018, section 2.1): steps along the gradient of the cross-entropy, each projected onto the budget and [0, 1].
/// With one step from the clean image it is FGSM (Goodfellow et al. 2015, section 4).
/// </summary>
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
    public static PgdAttack Fgsm(Budget budget) =>
        new(budget) { Steps = 1, CleanStartProbability = 1 };

    /// <summary>Gradient steps from each start.</summary>
    /// <value>Default 10; from 1 to 10 000. Madry et al. 2018 (section 5) train with 7; Xie &amp; Yuille 2020 train with 30 and evaluate with up to 2000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 10;

    /// <summary>The length of a step in the budget's unit: grey levels for L-infinity, the [0, 1] scale for L2.</summary>
    /// <value>
    /// Default null: max(1, eps/steps) grey levels for L-infinity (Xie &amp; Yuille 2020, section 3.1), 2.5 eps/steps for L2; otherwise above 0 and at most 255.
    /// </value>
    public double? StepSize { get; init => field = value is { } size ? Require.AboveZero(size, 255) : null; }

    /// <summary>The probability of starting from the clean image instead of a random point of the budget: one coin for each batch and restart, so that a value between 0 and 1 makes results depend on the batches.</summary>
    /// <value>Default 0: always a random start; from 0 to 1. Xie &amp; Yuille 2020 train with 0.2 and evaluate with 0.</value>
    public double CleanStartProbability { get; init => field = Require.InRange(value, 0, 1); }

    /// <summary>Starts tried. Each image keeps the first result that is misclassified, else the one with the highest cross-entropy of the true class.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>What to make of the image.</summary>
    /// <value>Default <see cref="AttackGoal.Untargeted"/>.</value>
    public AttackGoal Goal { get; init => field = Require.NotNull(value); } = AttackGoal.Untargeted;

    private bool IsFgsm => Steps == 1 && CleanStartProbability == 1;

    /// <inheritdoc/>
    public override string Name => IsFgsm ? "FGSM" : $"PGD-{Steps}";

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} ({Budget}, {Goal}{(StepSize is { } size ? $", step size {size}" : "")}")
        + FormattableString.Invariant($"{(CleanStartProbability > 0 && !IsFgsm ? $", clean start {CleanStartProbability}" : "")}{(Restarts > 1 ? $", {Restarts} restarts" : "")})");

    /// <inheritdoc/>
    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Require.NotNull(random, nameof(random));
        CheckReach();
        var first = Climb(network, images, labels, random.For(0));
        if (Restarts == 1)
            return first;
        var survivors = new Survivors(network, images, labels, random, first);
        for (var restart = 1; restart < Restarts; restart++)
            survivors.Meet((seen, truth, streams) => Climb(network, seen, truth, streams), restart);
        return survivors.Images;
    }

    /// <summary>Steps that together do not cover a tenth of the radius are on another scale than the budget, and would make any network look robust.</summary>
    private void CheckReach()
    {
        if (StepSize is { } size && size * Budget.StepUnit * Steps < Budget.Radius / 10)
            throw new InvalidOperationException(
                FormattableString.Invariant($"StepSize is {size}: {Steps} such steps reach {size * Budget.StepUnit * Steps:g3}, less than a tenth of the budget {Budget} ({Budget.Radius:g3} on the scale of [0, 1]); expected a length in the budget's unit, grey levels for L-infinity."));
    }

    private Tensor Climb(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        var targets = Goal.ChooseTargets(network, images, labels, random);
        var startsClean = random.BatchUniform("clean start") < CleanStartProbability;
        var adversarial = startsClean ? images.clone() : Budget.RandomStart(images, random);
        var stepSize = StepSize * Budget.StepUnit ?? Budget.DefaultStepSize(Steps);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var seen = LossGradient.Of(AttackLoss.CrossEntropy, network, adversarial, labels, targets);
            adversarial.copy_(Budget.Project(adversarial.PlusScaled(Budget.SteepestDirection(seen.Gradient), stepSize), images));
        }
        return targets is null ? adversarial : where((targets == labels).view(-1, 1, 1, 1), images, adversarial);
    }
}
