using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>How a model classifies clean images and the same images under attacks.</summary>
public sealed class RobustnessEvaluation
{
    /// <summary>The domain whose normalisation the images passed through; null for a network of your own, or a model that is known by its scores alone.</summary>
    public required ImageDomain? Domain { get; init; }

    /// <summary>The numbers in which the network computed while attacks searched; what is broken was decided in float32.</summary>
    public required Precision SearchPrecision { get; init; }

    /// <summary>The root of the attacks' randomness: given again, it gives the same numbers.</summary>
    public required int Seed { get; init; }

    /// <summary>How many examples every number here rests on.</summary>
    public required long Examples { get; init; }

    /// <summary>ML.NET's metrics on the clean images.</summary>
    public required MulticlassClassificationMetrics Clean { get; init; }

    /// <summary>The share of all examples classified as labelled, with its 95 % interval.</summary>
    public required AccuracyInterval CleanAccuracy { get; init; }

    /// <summary>The true class of each example, in the order of the rows.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What the model takes each clean image for, in the order of the rows; see <see cref="AttackEvaluation.Predictions"/> for the attacked ones.</summary>
    public IReadOnlyList<ImagePrediction> CleanPredictions { get; init; } = [];

    /// <summary>Whether each example, in the order of the rows, was classified as labelled clean.</summary>
    public required IReadOnlyList<bool> IsCorrectClean { get; init; }

    /// <summary>The attacks in the order they were given.</summary>
    public required IReadOnlyList<AttackEvaluation> Attacks { get; init; }

    /// <summary>The share of examples classified as labelled clean and under every attack, with its 95 % interval.</summary>
    public required AccuracyInterval WorstCaseAccuracy { get; init; }

    /// <summary>Whether each example, in the order of the rows, was classified as labelled clean and under every attack.</summary>
    public required IReadOnlyList<bool> IsCorrectInWorstCase { get; init; }

    /// <summary>
    /// The accuracies by class with their intervals and numbers of examples, in the order of the label's key values. What classes were taken for tell
    /// <see cref="AttackEvaluation.Metrics"/> and <see cref="AttackEvaluation.Predictions"/>.
    /// </summary>
    public required IReadOnlyList<ClassRobustness> Classes { get; init; }

    /// <summary>Reasons to doubt the numbers; also written to the MLContext's log.</summary>
    public required IReadOnlyList<EvaluationWarning> Warnings { get; init; }

    /// <summary>What became of what under an attack: images that it broke, and those that are misclassified without it.</summary>
    /// <param name="attack">Its place in <see cref="Attacks"/>, from 0.</param>
    /// <returns>The most frequent first, then in the order of the names.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such attack.</exception>
    public IReadOnlyList<ClassConfusion> Confusions(int attack)
    {
        var predictions = Attacks[Require.InRange(attack, 0, Attacks.Count - 1, nameof(attack))].Predictions;
        var sizes = Labels.CountBy(label => label).ToDictionary();
        return [.. Labels.Zip(predictions, IsCorrectClean)
            .Where(image => image.Second.ClassName != image.First)
            .GroupBy(image => (Label: image.First, Predicted: image.Second.ClassName))
            .Select(group => new ClassConfusion
            {
                Label = group.Key.Label,
                Predicted = group.Key.Predicted,
                Images = group.Count(),
                OfClass = sizes[group.Key.Label],
                Broken = group.Count(image => image.Third),
                Confidence = group.Average(image => image.Second.Confidence),
            })
            .OrderByDescending(confusion => confusion.Images)
            .ThenBy(confusion => confusion.Label, StringComparer.Ordinal)
            .ThenBy(confusion => confusion.Predicted, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The numbers as JSON with the attacks' parameters, what became of every image, the seed, the versions and the hardware; its names are stable, and its <c>format</c> tells the version. The order of
    /// attacks and classes is that of this evaluation.
    /// </summary>
    /// <returns>Indented JSON.</returns>
    public string ToJson() => RobustnessReport.ToJson(this);

    /// <summary>The numbers as tables, by attack and by class, with the most frequent confusions under each attack and the warnings, for people to read.</summary>
    /// <returns>Markdown.</returns>
    public string ToMarkdown() => new RobustnessMarkdown(this).Text();

    /// <summary>The accuracies in a line.</summary>
    /// <returns>Such as <c>Accuracy on 500 images: 92.0 % clean, 44.6 % under PGD-20 within L-inf 8/255</c>.</returns>
    public override string ToString() => RobustnessMarkdown.Summary(this);
}
