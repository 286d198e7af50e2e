using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Measures again whether images lie inside a budget and the pixel range.</summary>
internal static class BudgetCheck
{
    /// <summary>Rounding to float32 moves a pixel by at most 6e-8; a norm over an image adds such errors up.</summary>
    private const double RelativeTolerance = 1e-5, AbsoluteTolerance = 1e-6;

    /// <returns>bool [batch]: which lie inside the budget and [0, 1].</returns>
    public static Tensor IsInside(Budget budget, Tensor candidates, Tensor clean)
    {
        var isInRange = candidates.IsAtMost(1).logical_and(candidates.neg().IsAtMost(0)).flatten(1).all(1);
        return budget.Distance(candidates, clean).IsAtMost(Limit(budget)).logical_and(isInRange);
    }

    /// <exception cref="InvalidOperationException">The attack left its budget or the pixel range.</exception>
    public static void Check(Attack attack, Tensor adversarial, Tensor clean)
    {
        using var scope = NewDisposeScope();
        // One copy for all three: each would make a GPU's work wait.
        var measured = stack([attack.Budget.Distance(adversarial, clean).max(), adversarial.min(), adversarial.max()]).cpu().data<float>();
        var (distance, lowest, highest) = (measured[0], measured[1], measured[2]);
        if (!(distance <= Limit(attack.Budget)))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} moved an image by {distance}; its budget {attack.Budget} allows {attack.Budget.Radius} on the scale of [0, 1]."));
        if (!(lowest >= 0 && highest <= 1))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} made pixels from {lowest} to {highest}; pixels lie in [0, 1]."));
    }

    private static double Limit(Budget budget) => budget.Radius * (1 + RelativeTolerance) + AbsoluteTolerance;
}
