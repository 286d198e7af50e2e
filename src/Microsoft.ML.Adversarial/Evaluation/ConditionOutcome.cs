namespace Microsoft.ML.Adversarial;

/// <summary>How a network classified every example in one condition: clean, or under one attack.</summary>
/// <param name="attack">The attack; null for clean images.</param>
/// <param name="classCount">Classes told apart.</param>
internal sealed class ConditionOutcome(Attack? attack, int classCount)
{
    private readonly List<float[]> scores = [];
    private readonly List<long> predicted = [];
    private readonly List<bool> correct = [];

    public const string CleanName = "clean";

    public Attack? Attack { get; } = attack;

    public string Name => Attack?.Name ?? CleanName;

    /// <summary>Probabilities by example and class: of the image that broke the example, else of the one that came closest.</summary>
    public IReadOnlyList<float[]> Scores => scores;

    /// <summary>The class given to each example; <see cref="Classification.None"/> where the scores are no numbers.</summary>
    public IReadOnlyList<long> Predicted => predicted;

    /// <summary>Whether each example was classified as labelled, clean and under every attack so far.</summary>
    public IReadOnlyList<bool> Correct => correct;

    /// <summary>The attack's members, each with what it met and broke; empty for clean images.</summary>
    public IReadOnlyList<MemberOutcome> Members { get; } = [.. (attack?.Members ?? []).Select(member => new MemberOutcome(member))];

    /// <summary>The farthest any image was moved, as the attack's budget measures it on the pixel scale of [0, 1].</summary>
    public double LargestDistance { get; private set; }

    public Tally Tally => new(correct.Count(isCorrect => isCorrect), correct.Count);

    /// <summary>Where an attack begins: examples as they were classified clean.</summary>
    public void AddClean(ConditionOutcome clean, int first)
    {
        scores.AddRange(clean.scores.Skip(first));
        predicted.AddRange(clean.predicted.Skip(first));
        correct.AddRange(clean.correct.Skip(first));
    }

    /// <param name="images">Of a whole batch.</param>
    /// <param name="found">The class given to each.</param>
    /// <param name="labels">Their true classes.</param>
    public void AddClean(EvaluatedImages images, long[] found, long[] labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            scores.Add(Probabilities(images, i, found[i]));
            predicted.Add(found[i]);
            correct.Add(found[i] == labels[i]);
        }
    }

    /// <summary>What a member made of the examples that it met.</summary>
    /// <param name="images">As it left them.</param>
    /// <param name="found">The class given to each.</param>
    /// <param name="labels">The true classes of the whole batch.</param>
    /// <param name="first">The batch's first example.</param>
    /// <returns>How many of them it broke.</returns>
    public int AddAttacked(EvaluatedImages images, long[] found, long[] labels, int first)
    {
        for (var i = 0; i < found.Length; i++)
        {
            var example = first + (int)images.Positions[i];
            scores[example] = Probabilities(images, i, found[i]);
            predicted[example] = found[i];
            correct[example] = found[i] == labels[images.Positions[i]];
        }
        var broken = images.Positions.Where((position, i) => found[i] != labels[position]).Count();
        Members[images.Member].Add(images, broken);
        LargestDistance = Math.Max(LargestDistance, images.LargestDistance);
        return broken;
    }

    /// <param name="images">With their logits.</param>
    /// <param name="index">Of one of them.</param>
    /// <param name="given">Its class, or none.</param>
    private float[] Probabilities(EvaluatedImages images, int index, long given)
    {
        var logits = images.Logits.AsSpan(index * classCount, classCount);
        var highest = float.NegativeInfinity;
        foreach (var logit in logits)
            highest = Math.Max(highest, logit);
        var (shares, sum) = (new double[classCount], 0.0);
        for (var i = 0; i < classCount; i++)
            sum += shares[i] = logits[i] == highest ? 1 : Math.Exp(logits[i] - highest);
        float[] probabilities = [.. shares.Select(share => (float)(share / sum))];
        // Logits that differ can round to one probability, and of equals ML.NET's metrics take the first for the class that was given.
        for (var i = 0; i < given; i++)
            probabilities[i] = Math.Min(probabilities[i], MathF.BitDecrement(probabilities[given]));
        return probabilities;
    }
}
