namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Contestants that compute something else have nothing to say about speed.</summary>
internal static class Alike
{
    /// <summary>Far above float32's rounding in another order, far below what another network gives.</summary>
    private const double Tolerance = 1e-3;

    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void Check(float[] expected, params float[][] others)
    {
        foreach (var scores in others)
            if (scores.Length != expected.Length || scores.Zip(expected, (left, right) => Math.Abs(left - right)).Max() > Tolerance)
                throw new InvalidOperationException($"The contestants give {string.Join(", ", expected)} and {string.Join(", ", scores)}; expected the same scores.");
    }
}
