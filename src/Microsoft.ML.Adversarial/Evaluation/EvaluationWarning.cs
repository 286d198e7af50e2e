namespace Microsoft.ML.Adversarial;

/// <summary>Something that makes a measured robustness doubtful.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What was seen, in numbers, and what to do.</param>
public sealed record EvaluationWarning(EvaluationWarningKind Kind, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Message}";
}
