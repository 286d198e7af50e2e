namespace Microsoft.ML.Adversarial;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Condition">What was just measured: <c>clean</c>, the attack's name, or of an ensemble whose members are not through, as in <c>AutoAttack after APGD-CE</c>.</param>
/// <param name="Examples">Examples measured in that condition so far.</param>
/// <param name="Accuracy">The share of them classified as labelled, from 0 to 1.</param>
/// <param name="Total">Examples there are.</param>
/// <param name="Remaining">The time until the end at the pace so far; null until the first batch has met every attack.</param>
public sealed record EvaluationProgress(string Condition, long Examples, double Accuracy, long Total, TimeSpan? Remaining);
