namespace Samples.PaperStudy.Findings;

/// <summary>A difference that lies above zero if the paper is right.</summary>
/// <param name="Claim">The same in words.</param>
/// <param name="Terms">The conditions, each with the weight of its accuracy in the difference.</param>
/// <param name="Paper">The paper's difference, from -1 to 1; null where it gives none.</param>
public sealed record Comparison(string Claim, IReadOnlyList<(double Weight, Condition Condition)> Terms, double? Paper)
{
    /// <summary>How many standard errors a difference has to reach to be more than noise.</summary>
    public const double StandardErrors = 2;

    /// <summary>How much the first exceeds the second.</summary>
    public static Comparison Of(string claim, Condition larger, Condition smaller, double? paper) => new(claim, [(1, larger), (-1, smaller)], paper);

    public ComparisonOutcome Judge(MeasurementTable table)
    {
        var found = Terms.Select(term => (term.Weight, Measurement: table.Of(term.Condition))).ToList();
        if (found.Any(term => term.Measurement is null))
            return new ComparisonOutcome(double.NaN, double.NaN, Verdict.NotRun);
        var difference = found.Sum(term => term.Weight * term.Measurement!.Mean);
        var noise = StandardErrors * Math.Sqrt(found.Sum(term => term.Weight * term.Weight * term.Measurement!.SquaredStandardError));
        return new ComparisonOutcome(difference, noise, Math.Abs(difference) < noise ? Verdict.WithinNoise : difference > 0 ? Verdict.Seen : Verdict.NotSeen);
    }
}
