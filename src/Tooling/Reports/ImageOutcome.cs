namespace Tooling.Reports;

/// <summary>What became of an image under the attack.</summary>
public enum ImageOutcome
{
    /// <summary>Classified as labelled clean, and not under attack.</summary>
    Broken,

    /// <summary>Classified as labelled clean and under attack.</summary>
    Withstood,

    /// <summary>Misclassified clean, and so not attacked.</summary>
    Misclassified,
}
