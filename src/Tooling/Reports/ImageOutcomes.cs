using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>Tells and names the outcomes.</summary>
public static class ImageOutcomes
{
    public static ImageOutcome Of(RobustnessEvaluation evaluation, int row) =>
        !evaluation.IsCorrectClean[row] ? ImageOutcome.Misclassified : evaluation.Attacks[0].IsCorrect[row] ? ImageOutcome.Withstood : ImageOutcome.Broken;

    public static string Words(this ImageOutcome outcome) => outcome switch
    {
        ImageOutcome.Broken => "broken by the attack",
        ImageOutcome.Withstood => "withstood the attack",
        _ => "misclassified without an attack",
    };
}
