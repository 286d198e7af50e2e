
namespace Microsoft.ML.Adversarial;

/// <summary>
/// Accuracies that a model must reach before it is shipped, for tests and build pipelines. An accuracy counts with the lower end of its 95 % interval, so that few
/// examples do not let a model through by luck.
/// </summary>
/// <example>
/// <code>
/// var gate = new RobustnessGate { MinimumCleanAccuracy = 0.4, MinimumRobustAccuracy = 0.25 };
/// </code>
/// </example>
public sealed record RobustnessGate
{
    /// <summary>The least accuracy on clean images.</summary>
    /// <value>Default null: not asked; otherwise from 0 to 1.</value>
    public double? MinimumCleanAccuracy { get; init => field = Checked(value); }

    /// <summary>The least accuracy under each attack.</summary>
    /// <value>Default null: not asked; otherwise from 0 to 1.</value>
    public double? MinimumRobustAccuracy { get; init => field = Checked(value); }

    /// <summary>The least share of examples classified as labelled clean and under every attack.</summary>
    /// <value>Default null: not asked; otherwise from 0 to 1.</value>
    public double? MinimumWorstCaseAccuracy { get; init => field = Checked(value); }

    /// <summary>What is below its threshold.</summary>
    /// <param name="evaluation">What was measured.</param>
    /// <returns>A sentence for each; none where the gate is open.</returns>
    /// <exception cref="InvalidOperationException">The gate asks for nothing, or for a robust accuracy of an evaluation without attacks.</exception>
    public IReadOnlyList<string> Failures(RobustnessEvaluation evaluation)
    {
        Require.NotNull(evaluation, nameof(evaluation));
        if (MinimumCleanAccuracy is null && MinimumRobustAccuracy is null && MinimumWorstCaseAccuracy is null)
            throw new InvalidOperationException("The gate asks for nothing; expected MinimumCleanAccuracy, MinimumRobustAccuracy or MinimumWorstCaseAccuracy.");
        if (evaluation.Attacks.Count == 0 && (MinimumRobustAccuracy ?? MinimumWorstCaseAccuracy) is not null)
            throw new InvalidOperationException("The gate asks for an accuracy under attacks, and the evaluation has none; expected at least one attack.");

        var failures = new List<string>();
        Measure("The accuracy on clean images", evaluation.CleanAccuracy, MinimumCleanAccuracy);
        foreach (var attacked in evaluation.Attacks)
            Measure($"The accuracy under {attacked.Attack.Name} ({attacked.Attack.Budget})", attacked.Accuracy, MinimumRobustAccuracy);
        Measure("The accuracy in the worst case", evaluation.WorstCaseAccuracy, MinimumWorstCaseAccuracy);
        return failures;

        void Measure(string what, AccuracyInterval accuracy, double? minimum)
        {
            if (minimum is { } least && !(accuracy.Lower >= least))
                failures.Add(FormattableString.Invariant(
                    $"{what} is {accuracy.Accuracy * 100:f1} % of {accuracy.Examples} examples, at least {accuracy.Lower * 100:f1} % with 95 % confidence; expected at least {least * 100:f1} %."));
        }
    }

    /// <summary>Does nothing where the gate is open.</summary>
    /// <param name="evaluation">What was measured.</param>
    /// <exception cref="RobustnessGateException">An accuracy is below its threshold; the message says which and by how much.</exception>
    /// <exception cref="InvalidOperationException">The gate asks for nothing, or for a robust accuracy of an evaluation without attacks.</exception>
    public void Check(RobustnessEvaluation evaluation)
    {
        if (Failures(evaluation) is { Count: > 0 } failures)
            throw new RobustnessGateException(failures);
    }

    private static double? Checked(double? value, [System.Runtime.CompilerServices.CallerMemberName] string option = "") =>
        value is { } minimum ? Require.InRange(minimum, 0, 1, option) : null;
}
