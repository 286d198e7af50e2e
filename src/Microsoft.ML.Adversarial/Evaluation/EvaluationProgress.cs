namespace Microsoft.ML.Adversarial;

/// <summary>How far an evaluation has come.</summary>
public sealed class EvaluationProgress
{
    /// <summary>What was just measured: <c>clean</c>, the attack's name, or of an ensemble whose members are not through, as in <c>AutoAttack after APGD-CE</c>.</summary>
    public required string Condition { get; init; }

    /// <summary>Examples measured in that condition so far.</summary>
    public required long Examples { get; init; }

    /// <summary>The share of them classified as labelled, from 0 to 1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Examples there are.</summary>
    public required long Total { get; init; }

    /// <summary>The time until the end at the pace so far; null until the first batch has met every attack.</summary>
    public TimeSpan? Remaining { get; init; }
}
