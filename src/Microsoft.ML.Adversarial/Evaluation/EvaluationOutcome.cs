
namespace Microsoft.ML.Adversarial;

/// <summary>Every example in every condition; the first condition is the clean one. The health is null where nobody looked.</summary>
internal sealed record EvaluationOutcome(IReadOnlyList<long> Labels, IReadOnlyList<ConditionOutcome> Conditions, NetworkHealth? Network)
{
    /// <summary>Whether each example was classified as labelled in every condition.</summary>
    public IReadOnlyList<bool> WorstCase { get; } =
        [.. Enumerable.Range(0, Labels.Count).Select(example => Conditions.All(condition => condition.Correct[example]))];

    public Tally WorstCaseTally => Of(WorstCase);

    /// <summary>The examples of one class.</summary>
    /// <param name="label">The class.</param>
    /// <param name="correct">By example.</param>
    public Tally TallyOf(long label, IReadOnlyList<bool> correct) =>
        Of([.. correct.Where((_, example) => Labels[example] == label)]);

    private static Tally Of(IReadOnlyList<bool> correct) => new(correct.Count(isCorrect => isCorrect), correct.Count);
}
