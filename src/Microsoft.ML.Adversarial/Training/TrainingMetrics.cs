namespace Microsoft.ML.Adversarial;

/// <summary>Where a training run stands, reported after every weight update.</summary>
public sealed class TrainingMetrics
{
    /// <summary>The current epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs of the whole run.</summary>
    public required int Epochs { get; init; }

    /// <summary>Batches of this epoch that are done.</summary>
    public required int Batch { get; init; }

    /// <summary>Batches of an epoch.</summary>
    public required int Batches { get; init; }

    /// <summary>The rate of the last update.</summary>
    public double LearningRate { get; init; }

    /// <summary>The mean training loss of this epoch's images so far.</summary>
    public double Loss { get; init; }

    /// <summary>
    /// The share of this epoch's measured training images that the network, with its running statistics, classified as labelled before their update; NaN where none was measured yet.
    /// </summary>
    public double CleanAccuracy { get; init; } = double.NaN;

    /// <summary>The same for the images as the training attack left them; NaN without an attack.</summary>
    public double RobustAccuracy { get; init; } = double.NaN;

    /// <summary>Of how many images of this epoch the accuracies are; see <see cref="TrainingOptions.MeasureEvery"/>.</summary>
    public long MeasuredImages { get; init; }

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Time left at the pace so far.</summary>
    public TimeSpan Remaining { get; init; }
}
