using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>What was planned, and what came of it.</summary>
/// <param name="Plan">Names the model and the attacks.</param>
/// <param name="Evaluation">Under the plan's attack.</param>
/// <param name="Curves">Under the attacks of its curves.</param>
public sealed record MeasuredRobustness(EvaluationPlan Plan, RobustnessEvaluation Evaluation, RobustnessEvaluation Curves)
{
    /// <summary>All doubts of the evaluation, and of the curves' those that compare: that a small budget breaks nothing is what a curve is drawn for.</summary>
    public IReadOnlyList<EvaluationWarning> Warnings { get; } =
        [.. Evaluation.Warnings, .. Curves.Warnings.Where(warning => warning.Kind is EvaluationWarningKind.MoreStepsBreakFewer or EvaluationWarningKind.LargerBudgetBreaksFewer)];
}
