using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>A model under one attack.</summary>
/// <param name="Attack">The attack.</param>
/// <param name="Metrics">ML.NET's metrics on the attacked images.</param>
/// <param name="Accuracy">The share of all examples still classified as labelled, from 0 to 1.</param>
/// <param name="IsCorrect">Whether each example, in the order of the rows, was still classified as labelled.</param>
/// <param name="LargestDistance">The farthest any image was moved, measured again, in the budget's norm on the pixel scale of [0, 1].</param>
public sealed record AttackEvaluation(Attack Attack, MulticlassClassificationMetrics Metrics, double Accuracy, IReadOnlyList<bool> IsCorrect, double LargestDistance);
