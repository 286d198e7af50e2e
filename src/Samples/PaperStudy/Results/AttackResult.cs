namespace Samples.PaperStudy.Results;

/// <param name="Steps">Of the attack.</param>
/// <param name="Accuracy">The share still classified as labelled, from 0 to 1.</param>
/// <param name="Examples">What the share is of.</param>
public sealed record AttackResult(int Steps, double Accuracy, long Examples);
