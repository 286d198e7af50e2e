using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A model under one attack. The attack meets the examples that are classified as labelled clean; the others keep their clean scores and count as misclassified.
/// </summary>
public sealed class AttackEvaluation
{
    /// <summary>The attack.</summary>
    public required Attack Attack { get; init; }

    /// <summary>
    /// ML.NET's metrics on the attacked images. Its <see cref="MulticlassClassificationMetrics.ConfusionMatrix"/> tells what became of what: rows are true classes, columns those given
    /// under attack, both in the order of <see cref="RobustnessEvaluation.Classes"/>, and the recall of a class is its accuracy there. ML.NET knows no image without a class: one whose scores are
    /// no numbers counts as given to the class behind its own, and <see cref="Predictions"/> tells it from others.
    /// </summary>
    public required MulticlassClassificationMetrics Metrics { get; init; }

    /// <summary>The share of all examples still classified as labelled, with its 95 % interval.</summary>
    public required AccuracyInterval Accuracy { get; init; }

    /// <summary>Whether each example, in the order of the rows, was still classified as labelled.</summary>
    public required IReadOnlyList<bool> IsCorrect { get; init; }

    /// <summary>
    /// What the model takes each image for, in the order of the rows: the one that broke it, or where none did the attacked image that came closest; where the attack was not tried
    /// because it is misclassified clean, the clean image.
    /// </summary>
    public IReadOnlyList<ImagePrediction> Predictions { get; init; } = [];

    /// <summary>The farthest any image was moved, measured again, in the budget's norm on the pixel scale of [0, 1].</summary>
    public required double LargestDistance { get; init; }

    /// <summary>What each attack of an ensemble met and broke, in their order; of any other attack, itself.</summary>
    public required IReadOnlyList<AttackMemberEvaluation> Members { get; init; }
}
