using Microsoft.ML.Adversarial;

namespace Tooling.CommandLine;

/// <summary>Where a training stands, in one line.</summary>
public static class TrainingLine
{
    public static void Show(this LiveLine line, TrainingMetrics metrics, string name = "")
    {
        var attacked = double.IsNaN(metrics.RobustAccuracy) ? "" : $"  attacked {metrics.RobustAccuracy,6:p1}";
        line.Show(
            $"{name}epoch {metrics.Epoch,2}/{metrics.Epochs}  batch {metrics.Batch,3}/{metrics.Batches}  rate {metrics.LearningRate,7:f4}  loss {metrics.Loss,6:f3}"
            + $"  clean {metrics.CleanAccuracy,6:p1}{attacked}  {LiveLine.Clock(metrics.Remaining)} left",
            stays: metrics.Batch == metrics.Batches);
    }
}
