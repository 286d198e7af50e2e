namespace Microsoft.ML.Adversarial;

/// <summary>What the rank that trained a trial tells the others, who have its network from the checkpoint.</summary>
/// <param name="Status">How far it came.</param>
/// <param name="Epochs">How many were measured; with none there is no network.</param>
/// <param name="TrainingTime">Of all rounds.</param>
/// <param name="Latency">As that rank measured it, so that all judge alike.</param>
/// <param name="Failure">What went wrong, in words; null where nothing did.</param>
internal sealed record TrialReport(DepthRunStatus Status, int Epochs, TimeSpan TrainingTime, TimeSpan? Latency, string? Failure)
{
    public static TrialReport Of(DepthRunDetail detail) =>
        new(detail.Status, detail.Epochs.Count, detail.TrainingTime, detail.Latency, detail.Exception is { } exception ? $"{exception.GetType().Name}: {exception.Message}" : null);
}
