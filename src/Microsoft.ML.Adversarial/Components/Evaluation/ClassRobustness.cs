namespace Microsoft.ML.Adversarial;

/// <summary>How the examples of one class fared.</summary>
public sealed class ClassRobustness
{
    /// <summary>The class.</summary>
    public required string Name { get; init; }

    /// <summary>The share of its examples classified as labelled; NaN where it has none.</summary>
    public required AccuracyInterval CleanAccuracy { get; init; }

    /// <summary>The same under each attack, in their order.</summary>
    public required IReadOnlyList<AccuracyInterval> AttackAccuracies { get; init; }

    /// <summary>The share classified as labelled clean and under every attack.</summary>
    public required AccuracyInterval WorstCaseAccuracy { get; init; }
}
