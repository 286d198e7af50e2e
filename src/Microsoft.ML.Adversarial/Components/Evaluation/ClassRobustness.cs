
namespace Microsoft.ML.Adversarial;

/// <summary>How the examples of one class fared.</summary>
/// <param name="Name">The class.</param>
/// <param name="CleanAccuracy">The share of its examples classified as labelled; NaN where it has none.</param>
/// <param name="AttackAccuracies">The same under each attack, in their order.</param>
/// <param name="WorstCaseAccuracy">The share classified as labelled clean and under every attack.</param>
public sealed record ClassRobustness(string Name, AccuracyInterval CleanAccuracy, IReadOnlyList<AccuracyInterval> AttackAccuracies, AccuracyInterval WorstCaseAccuracy);
