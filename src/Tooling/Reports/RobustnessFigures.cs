using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>Accuracy against the budget and against the steps.</summary>
public sealed class RobustnessFigures(MeasuredRobustness measured)
{
    /// <summary>A sound curve falls with the budget, down to nothing.</summary>
    public CurvePlot Budgets => new()
    {
        Title = "Accuracy under PGD-20 (%)",
        Axis = "epsilon (grey levels of 255, log scale)",
        Lines =
        [
            new CurveLine("PGD-20", "attack", [.. measured.Plan.EpsilonCurve.Select(attack => (attack.Budget.Radius * 255, Measured(attack)))]),
            new CurveLine(measured.Plan.Attack.Name, "other", [(measured.Plan.Epsilon, measured.Evaluation.Attacks[0].Accuracy)]),
        ],
    };

    /// <summary>With the steps it falls and then stays.</summary>
    public CurvePlot Lengths => new()
    {
        Title = $"Accuracy under PGD, {measured.Plan.Attack.Budget} (%)",
        Axis = "attack iterations (log scale)",
        Lines = [new CurveLine("PGD", "attack", [.. measured.Plan.StepsCurve.Select(attack => ((double)attack.Steps, Measured(attack)))])],
    };

    private AccuracyInterval Measured(PgdAttack attack) => measured.Curves.Attacks.First(other => other.Attack == attack).Accuracy;
}
