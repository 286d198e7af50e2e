using Microsoft.ML.Adversarial;

namespace AdversarialTool.Evaluation;

/// <summary>Accuracy against the budget and against the steps.</summary>
public sealed class RobustnessFigures(EvaluationSettings settings, RobustnessEvaluation evaluation, RobustnessEvaluation curves)
{
    /// <summary>A sound curve falls with the budget, down to nothing.</summary>
    public CurvePlot Budgets => new()
    {
        Title = "Accuracy under PGD-20 (%)",
        Axis = "epsilon (grey levels of 255, log scale)",
        Lines =
        [
            new CurveLine("PGD-20", "attack", [.. settings.EpsilonCurve.Select(attack => (attack.Budget.Radius * 255, Measured(attack)))]),
            new CurveLine(settings.Attack.Name, "other", [(settings.Epsilon, evaluation.Attacks[0].Accuracy)]),
        ],
    };

    /// <summary>With the steps it falls and then stays.</summary>
    public CurvePlot Lengths => new()
    {
        Title = $"Accuracy under PGD, {settings.Attack.Budget} (%)",
        Axis = "attack iterations (log scale)",
        Lines = [new CurveLine("PGD", "attack", [.. settings.StepsCurve.Select(attack => ((double)attack.Steps, Measured(attack)))])],
    };

    private AccuracyInterval Measured(PgdAttack attack) => curves.Attacks.First(measured => measured.Attack == attack).Accuracy;
}
