using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>Tells ML.NET's channels and the caller where a run stands.</summary>
internal sealed class ProgressRelay : IProgress<TrainingMetrics>
{
    private readonly IChannel channel;
    private readonly Action<TrainingMetrics>? callback;
    private TrainingMetrics? last;

    public ProgressRelay(IChannel channel, IProgressChannel progressChannel, Action<TrainingMetrics>? callback)
    {
        this.channel = channel;
        this.callback = callback;
        progressChannel.SetHeader(new ProgressHeader(["Loss", "Clean accuracy", "Robust accuracy", "Learning rate"], ["epochs", "batches"]), Fill);
    }

    public void Report(TrainingMetrics value)
    {
        last = value;
        if (value.Batch == value.Batches)
            channel.Info(
                default, FormattableString.Invariant($"Epoch {value.Epoch}/{value.Epochs}: loss {value.Loss:f4}, clean accuracy {value.CleanAccuracy:p1}, ")
                + FormattableString.Invariant($"robust accuracy {value.RobustAccuracy:p1} (of {value.MeasuredImages} images measured before their updates), learning rate {value.LearningRate:g3}, {(int)value.Remaining.TotalHours}:{value.Remaining:mm\\:ss} left."));
        callback?.Invoke(value);
    }

    private void Fill(IProgressEntry entry)
    {
        if (last is not { } metrics)
            return;
        entry.SetProgress(0, metrics.Epoch - 1, metrics.Epochs);
        entry.SetProgress(1, metrics.Batch, metrics.Batches);
        entry.SetMetric(0, metrics.Loss);
        entry.SetMetric(1, metrics.CleanAccuracy);
        entry.SetMetric(2, metrics.RobustAccuracy);
        entry.SetMetric(3, metrics.LearningRate);
    }
}
