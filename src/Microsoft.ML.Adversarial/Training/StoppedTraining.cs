namespace Microsoft.ML.Adversarial;

/// <summary>What becomes of a run that is stopped before its end.</summary>
public enum StoppedTraining
{
    /// <summary><c>Fit</c> throws <see cref="OperationCanceledException"/>.</summary>
    Throw,

    /// <summary><c>Fit</c> returns the model as it stands.</summary>
    ReturnModel,
}
