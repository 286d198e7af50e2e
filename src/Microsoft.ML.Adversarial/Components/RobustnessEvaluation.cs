using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>How a model classifies clean images and the same images under attacks.</summary>
/// <param name="Domain">The domain whose normalisation the images passed through.</param>
/// <param name="Examples">How many examples every number here rests on.</param>
/// <param name="Clean">ML.NET's metrics on the clean images.</param>
/// <param name="CleanAccuracy">The share of all examples classified as labelled, from 0 to 1.</param>
/// <param name="Attacks">The attacks in the order they were given.</param>
/// <param name="WorstCaseAccuracy">The share of examples classified as labelled clean and under every attack, from 0 to 1.</param>
/// <param name="IsCorrectInWorstCase">Whether each example, in the order of the rows, was classified as labelled clean and under every attack.</param>
public sealed record RobustnessEvaluation(
    ImageDomain Domain, long Examples, MulticlassClassificationMetrics Clean, double CleanAccuracy, IReadOnlyList<AttackEvaluation> Attacks, double WorstCaseAccuracy, IReadOnlyList<bool> IsCorrectInWorstCase);
