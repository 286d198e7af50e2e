
namespace Microsoft.ML.Adversarial;

/// <summary>How a network scored every example in one condition: clean, or under one attack.</summary>
/// <param name="attack">The attack; null for clean images.</param>
/// <param name="classCount">Classes scored.</param>
internal sealed class ConditionOutcome(Attack? attack, int classCount)
{
    private readonly List<float[]> scores = [];
    private readonly List<bool> correct = [];

    public const string CleanName = "clean";

    public Attack? Attack { get; } = attack;

    public string Name => Attack?.Name ?? CleanName;

    public int ClassCount { get; } = classCount;

    /// <summary>Probabilities by example and class: of the image that broke the example, else of the one that came closest.</summary>
    public IReadOnlyList<float[]> Scores => scores;

    /// <summary>Whether each example was classified as labelled, clean and under every attack so far.</summary>
    public IReadOnlyList<bool> Correct => correct;

    /// <summary>The attack's members, each with what it met and broke; empty for clean images.</summary>
    public IReadOnlyList<MemberOutcome> Members { get; } = [.. (attack?.Members ?? []).Select(member => new MemberOutcome(member))];

    /// <summary>The farthest any image was moved, as the attack's budget measures it on the pixel scale of [0, 1].</summary>
    public double LargestDistance { get; private set; }

    public Tally Tally => new(correct.Count(isCorrect => isCorrect), correct.Count);

    /// <summary>Where an attack begins: examples as they were scored clean.</summary>
    public void AddClean(ConditionOutcome clean, int first)
    {
        scores.AddRange(clean.scores.Skip(first));
        correct.AddRange(clean.correct.Skip(first));
    }

    /// <exception cref="InvalidOperationException">A probability is not a number.</exception>
    public void AddClean(EvaluatedImages images, ReadOnlySpan<long> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            scores.Add(CheckedScores(images, i));
            correct.Add(IsCorrect(scores[^1], labels[i]));
        }
    }

    /// <summary>An example keeps the scores that broke it, else those with the lowest probability of its class among the attacked images.</summary>
    /// <exception cref="InvalidOperationException">A probability is not a number.</exception>
    public void AddAttacked(EvaluatedImages images, ReadOnlySpan<long> labels, int first, int member)
    {
        var broken = 0;
        for (var i = 0; i < images.Positions.Length; i++)
        {
            var (example, label) = (first + images.Positions[i], labels[images.Positions[i]]);
            var found = CheckedScores(images, i);
            var stands = IsCorrect(found, label);
            if (member == 0 || !stands || found[label] < scores[example][label])
                scores[example] = found;
            correct[example] = stands;
            broken += stands ? 0 : 1;
        }
        Members[member].Add(images, broken);
        LargestDistance = Math.Max(LargestDistance, images.LargestDistance);
    }

    private float[] CheckedScores(EvaluatedImages images, int index)
    {
        var found = images.Probabilities.AsSpan(index * ClassCount, ClassCount).ToArray();
        return found.Any(float.IsNaN)
            ? throw new InvalidOperationException($"The network's scores of the example in row {images.FirstRow + images.Positions[index]} are not numbers ({Attack?.ToString() ?? CleanName}); expected finite logits.")
            : found;
    }

    private static bool IsCorrect(float[] scores, long label) => Array.IndexOf(scores, scores.Max()) == label;
}
