using Microsoft.ML.Adversarial;

namespace Samples.RobustnessExplorer.Models;

/// <summary>Where the training of a model stands.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">In all.</param>
/// <param name="Share">Of the work, in [0, 1].</param>
/// <param name="Accuracy">On the images that this model trains on, attacked or clean; null where not measured yet.</param>
/// <param name="RemainingSeconds">As far as it can be told.</param>
public sealed record TrainingProgress(int Epoch, int Epochs, double Share, double? Accuracy, double RemainingSeconds)
{
    public static TrainingProgress Of(TrainingMetrics metrics)
    {
        var accuracy = double.IsNaN(metrics.RobustAccuracy) ? metrics.CleanAccuracy : metrics.RobustAccuracy;
        return new(
            metrics.Epoch, metrics.Epochs, (metrics.Epoch - 1 + metrics.Batch / (double)metrics.Batches) / metrics.Epochs,
            double.IsNaN(accuracy) ? null : accuracy, metrics.Remaining.TotalSeconds);
    }
}
