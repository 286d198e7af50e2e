using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>How a model classifies clean images and the same images under attacks.</summary>
/// <param name="Domain">The domain whose normalisation the images passed through; null for a model that is known by its scores alone.</param>
/// <param name="Seed">The root of the attacks' randomness: given again, it gives the same numbers.</param>
/// <param name="Examples">How many examples every number here rests on.</param>
/// <param name="Clean">ML.NET's metrics on the clean images.</param>
/// <param name="CleanAccuracy">The share of all examples classified as labelled, with its 95 % interval.</param>
/// <param name="IsCorrectClean">Whether each example, in the order of the rows, was classified as labelled clean.</param>
/// <param name="Attacks">The attacks in the order they were given.</param>
/// <param name="WorstCaseAccuracy">The share of examples classified as labelled clean and under every attack, with its 95 % interval.</param>
/// <param name="IsCorrectInWorstCase">Whether each example, in the order of the rows, was classified as labelled clean and under every attack.</param>
/// <param name="Classes">The same by class, in the order of the label's key values.</param>
/// <param name="Warnings">Reasons to doubt the numbers; also written to the MLContext's log.</param>
public sealed record RobustnessEvaluation(
    ImageDomain? Domain,
    int Seed,
    long Examples,
    MulticlassClassificationMetrics Clean,
    AccuracyInterval CleanAccuracy,
    IReadOnlyList<bool> IsCorrectClean,
    IReadOnlyList<AttackEvaluation> Attacks,
    AccuracyInterval WorstCaseAccuracy,
    IReadOnlyList<bool> IsCorrectInWorstCase,
    IReadOnlyList<ClassRobustness> Classes,
    IReadOnlyList<EvaluationWarning> Warnings)
{
    /// <summary>
    /// The numbers as JSON with the attacks' parameters, the seed, the versions and the hardware; its names are stable, and its <c>format</c> tells the version. The order of
    /// attacks and classes is that of this record.
    /// </summary>
    /// <returns>Indented JSON.</returns>
    public string ToJson() => RobustnessReport.ToJson(this);

    /// <summary>The numbers as tables, by attack and by class, with the warnings, for people to read.</summary>
    /// <returns>Markdown.</returns>
    public string ToMarkdown() => new RobustnessMarkdown(this).Text();

    /// <summary>The accuracies in a line.</summary>
    /// <returns>Such as <c>Accuracy on 500 images: 92.0 % clean, 44.6 % under PGD-20 within L-inf 8/255</c>.</returns>
    public override string ToString() => RobustnessMarkdown.Summary(this);
}
