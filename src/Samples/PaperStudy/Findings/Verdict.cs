namespace Samples.PaperStudy.Findings;

/// <summary>Whether a finding of the paper is in the numbers of a study.</summary>
public enum Verdict
{
    /// <summary>A number that it takes is missing.</summary>
    NotRun,

    /// <summary>The difference is smaller than two standard errors.</summary>
    WithinNoise,

    /// <summary>There is a difference, the other way round.</summary>
    NotSeen,

    /// <summary>The difference is there.</summary>
    Seen,
}
