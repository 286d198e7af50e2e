using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Measures again that an attack kept its word.</summary>
internal static class BudgetCheck
{
    /// <returns>The farthest any image was moved.</returns>
    /// <exception cref="InvalidOperationException">The attack left its budget or the pixel range.</exception>
    public static double LargestDistance(Attack attack, Tensor adversarial, Tensor images)
    {
        // Rounding to float32 moves a pixel by at most 6e-8; a norm over an image adds such errors up.
        const double relativeTolerance = 1e-5, absoluteTolerance = 1e-6;
        var distance = attack.Budget.Distance(adversarial, images).max().cpu().item<float>();
        var (lowest, highest) = (adversarial.min().cpu().item<float>(), adversarial.max().cpu().item<float>());
        if (!(distance <= attack.Budget.Radius * (1 + relativeTolerance) + absoluteTolerance))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} moved an image by {distance}; its budget {attack.Budget} allows {attack.Budget.Radius} on the scale of [0, 1]."));
        if (!(lowest >= 0 && highest <= 1))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} made pixels from {lowest} to {highest}; pixels lie in [0, 1]."));
        return distance;
    }
}
