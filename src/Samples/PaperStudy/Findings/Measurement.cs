namespace Samples.PaperStudy.Findings;

/// <summary>What the seeds gave for one number.</summary>
/// <param name="Accuracies">One for each seed, from 0 to 1.</param>
/// <param name="Examples">The test images, the same for every seed.</param>
public sealed record Measurement(IReadOnlyList<double> Accuracies, long Examples)
{
    public double Mean => Accuracies.Average();

    /// <summary>Half the range of two seeds, the sample standard deviation of more; null with one seed, which has no spread.</summary>
    public double? Spread => Accuracies.Count switch
    {
        1 => null,
        2 => (Accuracies.Max() - Accuracies.Min()) / 2,
        _ => Math.Sqrt(SampleVariance),
    };

    /// <summary>
    /// The squared standard error of the mean: what drawing other test images would change, p(1 - p)/n, and what drawing other seeds would, s²/k. The p is Laplace's
    /// (correct + 1)/(n + 2), as none correct of n does not make certain. All seeds share the test images, so that more seeds do not lessen the first part.
    /// </summary>
    public double SquaredStandardError
    {
        get
        {
            var p = (Mean * Examples + 1) / (Examples + 2);
            return p * (1 - p) / Examples + (Accuracies.Count > 1 ? SampleVariance / Accuracies.Count : 0);
        }
    }

    private double SampleVariance => Accuracies.Sum(accuracy => Math.Pow(accuracy - Mean, 2)) / (Accuracies.Count - 1);
}
