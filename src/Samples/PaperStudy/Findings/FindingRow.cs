namespace Samples.PaperStudy.Findings;

/// <summary>A number to stand beside the paper's.</summary>
/// <param name="Label">What was trained.</param>
/// <param name="Condition">What was measured.</param>
/// <param name="Paper">The paper's number, with its condition where that is another; empty where it has none.</param>
public sealed record FindingRow(string Label, Condition Condition, string Paper);
