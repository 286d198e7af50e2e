namespace Samples.PaperStudy.Findings;

/// <param name="Difference">From -1 to 1; NaN where it was not run.</param>
/// <param name="Noise">What a difference has to reach; NaN where it was not run.</param>
/// <param name="Verdict">What follows.</param>
public sealed record ComparisonOutcome(double Difference, double Noise, Verdict Verdict);
