namespace Microsoft.ML.Adversarial;

/// <summary>
/// The ensembles of Croce &amp; Hein 2020, "Reliable evaluation of adversarial robustness" (section 5), with nothing to tune: what the field quotes as a network's
/// robust accuracy. For any number of classes from 2.
/// </summary>
/// <example>
/// <code>
/// var audit = ml.Adversarial().EvaluateRobustness(
///     deployed, test, [AutoAttack.Standard(Budget.LInf(8))], new RobustnessEvaluationOptions { StateFile = "evaluation.jsonl" });
/// </code>
/// </example>
public static class AutoAttack
{
    /// <summary>APGD on the cross-entropy, APGD on the targeted difference of logits ratio, FAB-T (9 targets and 100 steps each) and 5000 queries of Square.</summary>
    /// <param name="budget">Any; the field quotes <see cref="Budget.LInf"/> and <see cref="Budget.L2"/>.</param>
    /// <returns>The ensemble.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public static AttackEnsemble Standard(Budget budget) => new("AutoAttack", budget,
    [
        new ApgdAttack(budget),
        new ApgdAttack(budget) { Loss = AttackLoss.DifferenceOfLogitsRatio, Goal = AttackGoal.LikeliestTargets() },
        new FabAttack(budget),
        new SquareAttack(budget),
    ]);

    /// <summary>
    /// The thorough one: APGD on both losses and FAB with 5 starts each, 5000 queries of Square, then APGD and FAB on 9 targets. Takes several times as long
    /// as <see cref="Standard"/> and seldom finds more.
    /// </summary>
    /// <param name="budget">Any; the field quotes <see cref="Budget.LInf"/> and <see cref="Budget.L2"/>.</param>
    /// <returns>The ensemble.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public static AttackEnsemble Plus(Budget budget) => new("AutoAttack+", budget,
    [
        new ApgdAttack(budget) { Restarts = 5 },
        new ApgdAttack(budget) { Loss = AttackLoss.DifferenceOfLogitsRatio, Restarts = 5 },
        new FabAttack(budget) { Goal = AttackGoal.Untargeted, Restarts = 5 },
        new SquareAttack(budget),
        new ApgdAttack(budget) { Loss = AttackLoss.DifferenceOfLogitsRatio, Goal = AttackGoal.LikeliestTargets() },
        new FabAttack(budget),
    ]);

    /// <summary>For classifiers that answer at random: APGD on both losses, each step along the mean of 20 gradients.</summary>
    /// <param name="budget">Any.</param>
    /// <returns>The ensemble.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public static AttackEnsemble Randomized(Budget budget) => new("AutoAttack rand", budget,
    [
        new ApgdAttack(budget) { GradientSamples = 20 },
        new ApgdAttack(budget) { Loss = AttackLoss.DifferenceOfLogitsRatio, GradientSamples = 20 },
    ]);
}
