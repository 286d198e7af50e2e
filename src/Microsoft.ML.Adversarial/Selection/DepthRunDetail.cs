
namespace Microsoft.ML.Adversarial;

/// <summary>One run of a <see cref="DepthExperiment"/>.</summary>
public sealed class DepthRunDetail
{
    /// <summary>The network that was asked for.</summary>
    public required DepthTrial Trial { get; init; }

    /// <summary>Whether it was trained on clean images alone, for comparison: judged by its clean accuracy, and never the best run.</summary>
    public bool IsComparison => Trial.IsForComparison;

    /// <summary>How far it came.</summary>
    public DepthRunStatus Status { get; internal set; }

    /// <summary>Channels of its first stage.</summary>
    public required int Width { get; init; }

    /// <summary>How its activations are normalised.</summary>
    public required Normalization Normalization { get; init; }

    /// <summary>Learned numbers.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-adds for one image, which papers on networks call FLOPs.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>What was measured on the validation images after each epoch.</summary>
    /// <value>Empty where no epoch was finished.</value>
    public IReadOnlyList<EpochMetrics> Epochs { get; init; } = [];

    /// <summary>The epoch, from 1, whose weights <see cref="Model"/> has; null where no epoch was finished.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Accuracy of the best epoch on clean validation images; null where no epoch was finished.</summary>
    public AccuracyInterval? CleanAccuracy { get; init; }

    /// <summary>Accuracy of the best epoch under the validation attack; null where no epoch was finished.</summary>
    public AccuracyInterval? RobustAccuracy { get; init; }

    /// <summary>By what the runs are ranked: the optimizing metric of the best epoch, from 0 to 1.</summary>
    /// <value>NaN where no epoch was finished.</value>
    public double Metric { get; init; } = double.NaN;

    /// <summary>Time spent training and validating, in all processes that took part.</summary>
    public TimeSpan TrainingTime { get; init; }

    /// <summary>The median time of scoring one row, from the features column on, with the model as ML.NET loads it from a file; null where there is no model.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The fitted pipeline: the featurizer, where one was given, and the classifier. Freed with the experiment's result; null where no epoch was finished.</summary>
    public ITransformer? Model { get; init; }

    /// <summary>Why the run failed; null where it did not.</summary>
    public Exception? Exception { get; internal set; }

    /// <summary>The last part of <see cref="Model"/>.</summary>
    internal ImageClassificationTransformer? Classifier { get; init; }
}
