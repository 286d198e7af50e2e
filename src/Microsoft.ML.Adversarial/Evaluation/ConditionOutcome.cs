using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;

namespace Microsoft.ML.Adversarial.Evaluation;

/// <summary>How a network scored every example in one condition: clean, or under one attack.</summary>
/// <param name="attack">The attack; null for clean images.</param>
/// <param name="classCount">Classes scored.</param>
internal sealed class ConditionOutcome(Attack? attack, int classCount)
{
    private readonly List<float[]> scores = [];
    private readonly List<bool> correct = [];

    public Attack? Attack { get; } = attack;

    public int ClassCount { get; } = classCount;

    /// <summary>Probabilities by example and class.</summary>
    public IReadOnlyList<float[]> Scores => scores;

    /// <summary>Whether each example was classified as labelled.</summary>
    public IReadOnlyList<bool> Correct => correct;

    /// <summary>The farthest any image was moved, as the attack's budget measures it on the pixel scale of [0, 1].</summary>
    public double LargestDistance { get; private set; }

    public Tally Tally => new(correct.Count(isCorrect => isCorrect), correct.Count);

    /// <exception cref="InvalidOperationException">A probability is not a number.</exception>
    /// <param name="probabilities">[examples, classes], row by row.</param>
    /// <param name="labels">The true class of each example.</param>
    /// <param name="distance">The farthest any of these images was moved.</param>
    public void Add(ReadOnlySpan<float> probabilities, ReadOnlySpan<long> labels, double distance)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            var example = probabilities.Slice(i * ClassCount, ClassCount).ToArray();
            if (example.Any(float.IsNaN))
                throw new InvalidOperationException($"The network's scores of example {scores.Count} are not numbers ({Attack?.ToString() ?? "clean"}); expected finite logits.");
            scores.Add(example);
            correct.Add(Array.IndexOf(example, example.Max()) == labels[i]);
        }
        LargestDistance = Math.Max(LargestDistance, distance);
    }
}
