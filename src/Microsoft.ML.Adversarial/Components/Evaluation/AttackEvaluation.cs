using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A model under one attack. The attack meets the examples that are classified as labelled clean; the others keep their clean scores and count as misclassified.
/// </summary>
/// <param name="Attack">The attack.</param>
/// <param name="Metrics">ML.NET's metrics on the attacked images.</param>
/// <param name="Accuracy">The share of all examples still classified as labelled, with its 95 % interval.</param>
/// <param name="IsCorrect">Whether each example, in the order of the rows, was still classified as labelled.</param>
/// <param name="LargestDistance">The farthest any image was moved, measured again, in the budget's norm on the pixel scale of [0, 1].</param>
/// <param name="Members">What each attack of an ensemble met and broke, in their order; of any other attack, itself.</param>
public sealed record AttackEvaluation(
    Attack Attack, MulticlassClassificationMetrics Metrics, AccuracyInterval Accuracy, IReadOnlyList<bool> IsCorrect, double LargestDistance, IReadOnlyList<AttackMemberEvaluation> Members);
