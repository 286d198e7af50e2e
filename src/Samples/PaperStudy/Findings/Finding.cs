namespace Samples.PaperStudy.Findings;

/// <summary>A finding of the paper, and what of a study bears on it.</summary>
public sealed record Finding
{
    /// <summary>In the paper's order, from 1.</summary>
    public required int Number { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<FindingRow> Rows { get; init; }

    /// <summary>All of them must hold; none where the study's scale leaves nothing to compare.</summary>
    public required IReadOnlyList<Comparison> Comparisons { get; init; }

    /// <summary>What of the paper's numbers has no row.</summary>
    public string Note { get; init; } = "";

    /// <summary>Seen where every comparison is, not seen where one is not; not run where one lacks its cells.</summary>
    public Verdict Judge(MeasurementTable table)
    {
        Verdict[] verdicts = [.. Comparisons.Select(comparison => comparison.Judge(table).Verdict)];
        return verdicts.Length == 0 || verdicts.Contains(Verdict.NotRun) ? Verdict.NotRun
            : verdicts.Contains(Verdict.NotSeen) ? Verdict.NotSeen
            : verdicts.Contains(Verdict.WithinNoise) ? Verdict.WithinNoise
            : Verdict.Seen;
    }
}
