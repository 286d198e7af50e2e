using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A loss that an update lowers, as a sum and what it is to be divided by. Sums of parts of a batch add up to that of the whole, as means do not.</summary>
/// <param name="Sum">A scalar that is differentiable in the network's weights.</param>
/// <param name="Weight">How much the images behind it count together, at least 0; the update lowers <c>Sum/Weight</c>, and nothing where it is 0.</param>
public readonly record struct LossSum(Tensor Sum, double Weight)
{
    /// <summary>Both together.</summary>
    /// <param name="left">One part.</param>
    /// <param name="right">Another.</param>
    /// <returns>A new sum, in the current dispose scope.</returns>
    public static LossSum operator +(LossSum left, LossSum right) => left.Add(right);

    /// <summary>Both together.</summary>
    /// <param name="other">Another part.</param>
    /// <returns>A new sum, in the current dispose scope.</returns>
    public LossSum Add(LossSum other) => new(Sum.Plus(other.Sum), Weight + other.Weight);

    /// <summary>The same with each image counting another number of times.</summary>
    /// <param name="times">How often, at least 0.</param>
    /// <returns>A new sum, in the current dispose scope.</returns>
    public LossSum Weighted(double times) => new(Sum.Times(times), Weight * times);

    /// <summary>What the update lowers.</summary>
    internal Tensor Mean() => Sum.Times(Weight > 0 ? 1 / Weight : 0);
}
