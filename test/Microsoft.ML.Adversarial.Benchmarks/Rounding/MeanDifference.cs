namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The mean of differences between pairs, and how far chance alone moves it.</summary>
internal readonly record struct MeanDifference(double Mean, double StandardError)
{
    /// <summary>Of one pair the error is not known.</summary>
    public static MeanDifference Of(IEnumerable<double> differences)
    {
        double[] all = [.. differences];
        var mean = all.Average();
        return new MeanDifference(mean, Math.Sqrt(all.Sum(difference => (difference - mean) * (difference - mean)) / (all.Length - 1) / all.Length));
    }
}
