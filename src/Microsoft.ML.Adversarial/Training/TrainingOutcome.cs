namespace Microsoft.ML.Adversarial;

/// <summary>How a run ended.</summary>
/// <param name="End">In which way.</param>
/// <param name="Elapsed">Time spent, in all processes that took part.</param>
/// <param name="Epochs">What validation found after each epoch; empty without validation.</param>
/// <param name="BestEpoch">The epoch whose weights the network has now; null without validation, where it has the last ones.</param>
internal sealed record TrainingOutcome(TrainingEnd End, TimeSpan Elapsed, IReadOnlyList<EpochMetrics> Epochs, int? BestEpoch);
