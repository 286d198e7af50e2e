namespace Microsoft.ML.Adversarial;

/// <summary>How a run ended.</summary>
/// <param name="IsComplete">False where it was stopped or paused before its end.</param>
/// <param name="Elapsed">Time spent, in all processes that took part.</param>
/// <param name="Epochs">What validation found after each epoch; empty without validation.</param>
/// <param name="BestEpoch">The epoch whose weights the network has now; null without validation, where it has the last ones.</param>
internal sealed record TrainingOutcome(bool IsComplete, TimeSpan Elapsed, IReadOnlyList<EpochMetrics> Epochs, int? BestEpoch);
