namespace Microsoft.ML.Adversarial;

/// <summary>How far a run of a <see cref="DepthExperiment"/> came.</summary>
public enum DepthRunStatus
{
    /// <summary>It trained all its epochs, or until its patience was over.</summary>
    Completed,

    /// <summary>It was among the weaker half, or above the latency limit, and was not trained on.</summary>
    StoppedEarly,

    /// <summary>The time was over, or the experiment was cancelled, before its end; what it had learned by then counts where an epoch was measured.</summary>
    OutOfTime,

    /// <summary>It could not be trained: it diverged, or needs more memory than there is. <see cref="DepthRunDetail.Exception"/> tells.</summary>
    Failed,
}
