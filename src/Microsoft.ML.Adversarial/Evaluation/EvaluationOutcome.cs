using Microsoft.ML.Adversarial.Common;

namespace Microsoft.ML.Adversarial.Evaluation;

/// <summary>Every example in every condition; the first condition is the clean one.</summary>
internal sealed record EvaluationOutcome(IReadOnlyList<long> Labels, IReadOnlyList<ConditionOutcome> Conditions)
{
    /// <summary>Whether each example was classified as labelled in every condition.</summary>
    public IReadOnlyList<bool> WorstCase { get; } =
        [.. Enumerable.Range(0, Labels.Count).Select(example => Conditions.All(condition => condition.Correct[example]))];

    public Tally WorstCaseTally => new(WorstCase.Count(isCorrect => isCorrect), WorstCase.Count);
}
