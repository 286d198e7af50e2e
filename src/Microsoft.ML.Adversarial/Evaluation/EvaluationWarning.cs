namespace Microsoft.ML.Adversarial;

/// <summary>Something that makes a measured robustness doubtful.</summary>
public sealed class EvaluationWarning
{
    internal EvaluationWarning(EvaluationWarningKind kind, string message) => (Kind, Message) = (kind, message);

    /// <summary>What it is.</summary>
    public EvaluationWarningKind Kind { get; }

    /// <summary>What was seen, in numbers, and what to do.</summary>
    public string Message { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Message}";
}
