namespace Microsoft.ML.Adversarial;

/// <summary>A model is less robust than a <see cref="RobustnessGate"/> asks for.</summary>
public sealed class RobustnessGateException : Exception
{
    internal RobustnessGateException(IReadOnlyList<string> failures)
        : base(string.Join(" ", failures)) =>
        Failures = failures;

    /// <summary>A sentence for each accuracy below its threshold.</summary>
    public IReadOnlyList<string> Failures { get; }
}
