
namespace Microsoft.ML.Adversarial;

/// <summary>What one attack met and broke.</summary>
/// <param name="Attack">The attack.</param>
/// <param name="Examples">Examples that were still classified as labelled when it came.</param>
/// <param name="Broken">How many of them it broke.</param>
/// <param name="Elapsed">Time it took; of a resumed evaluation, in all processes that took part.</param>
public sealed record AttackMemberEvaluation(Attack Attack, long Examples, long Broken, TimeSpan Elapsed);
