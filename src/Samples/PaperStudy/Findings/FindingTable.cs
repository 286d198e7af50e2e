namespace Samples.PaperStudy.Findings;

/// <summary>The paper's findings, in its order.</summary>
public static class FindingTable
{
    public static IReadOnlyList<Finding> All(StudySettings settings) =>
        [.. new MixingFindings(settings).All, .. new NormalizationFindings(settings).All, new DepthFinding(settings).Finding];
}
