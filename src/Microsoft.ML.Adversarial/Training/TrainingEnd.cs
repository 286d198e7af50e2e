namespace Microsoft.ML.Adversarial;

/// <summary>In which way a run ended.</summary>
internal enum TrainingEnd
{
    /// <summary>All epochs are done, or patience was over.</summary>
    Completed,

    /// <summary>It stands at <see cref="TrainingOptions.PauseAfterEpoch"/>.</summary>
    Paused,

    /// <summary>It was cancelled, or its time was over.</summary>
    Stopped,
}
