using Samples.PaperStudy.Cells;

namespace Samples.PaperStudy.Findings;

/// <summary>What clean images do in adversarial training with one batch normalisation.</summary>
public sealed class MixingFindings(StudySettings settings)
{
    private readonly int shortest = settings.AttackSteps[0], longest = settings.AttackSteps[^1];

    public IReadOnlyList<Finding> All => [CleanImagesHarm, OnlyLongAttacksShow, RatioMatters];

    private Finding CleanImagesHarm => new()
    {
        Number = 1,
        Title = "With one batch normalisation, clean images in the training cost robustness",
        Rows =
        [
            new("attacked images alone", Attacked(CellName.Adversarial), PaperNumbers.AtLongest(PaperNumbers.Adversarial)),
            new("attacked and clean images", Attacked(CellName.Mixed(100)), PaperNumbers.AtLongest(PaperNumbers.Mixed)),
            new("the same with logit pairing", Attacked(CellName.LogitPairing), PaperNumbers.AtLongest(PaperNumbers.LogitPairing)),
        ],
        Comparisons = [AloneOverMixed],
    };

    private Finding OnlyLongAttacksShow => new()
    {
        Number = 2,
        Title = "Only long attacks show it: under a short one the order is reversed",
        Rows =
        [
            .. settings.AttackSteps.Select(steps => new FindingRow("attacked images alone", Condition.Attacked(CellName.Adversarial, steps), PaperAt(PaperNumbers.AdversarialByAttack, steps))),
            .. settings.AttackSteps.Select(steps => new FindingRow("attacked and clean images", Condition.Attacked(CellName.Mixed(100), steps), PaperAt(PaperNumbers.MixedByAttack, steps))),
        ],
        Comparisons = shortest == longest ? [] :
        [
            Comparison.Of(
                $"under PGD-{shortest} the mixture withstands more than attacked images alone",
                Condition.Attacked(CellName.Mixed(100), shortest),
                Condition.Attacked(CellName.Adversarial, shortest),
                PaperNumbers.Difference(PaperNumbers.MixedByAttack[0].Accuracy, PaperNumbers.AdversarialByAttack[0].Accuracy)),
            AloneOverMixed,
        ],
        Note = $"The paper: alone {PaperNumbers.Text(PaperNumbers.AdversarialByAttack, "PGD-")}; mixed {PaperNumbers.Text(PaperNumbers.MixedByAttack, "PGD-")}.",
    };

    private Finding RatioMatters
    {
        get
        {
            var percents = PaperNumbers.ByCleanRatio.Select(point => point.Percent).ToList();
            var mean = percents.Average();
            var squares = percents.Sum(percent => Math.Pow(percent - mean, 2));
            // How far the least-squares line through all ratios falls from 0 to 100 %: a weighted sum of the accuracies.
            double Weight(double percent) => -100 * (percent - mean) / squares;
            return new Finding
            {
                Number = 3,
                Title = "The share of clean images matters",
                Rows = [.. PaperNumbers.ByCleanRatio.Select(point => new FindingRow($"{point.Percent} clean for 100 attacked images", AtRatio(point.Percent), PaperNumbers.AtLongest(point.Accuracy)))],
                Comparisons =
                [
                    new(
                        $"under PGD-{longest} the straight line of best fit falls from 0 % to 100 % clean images",
                        [.. percents.Select(percent => (Weight(percent), AtRatio(percent)))],
                        PaperNumbers.ByCleanRatio.Sum(point => Weight(point.Percent) * point.Accuracy / 100)),
                ],
            };
        }
    }

    private Comparison AloneOverMixed => Comparison.Of(
        $"under PGD-{longest} attacked images alone withstand more than the mixture",
        Attacked(CellName.Adversarial),
        Attacked(CellName.Mixed(100)),
        PaperNumbers.Difference(PaperNumbers.Adversarial, PaperNumbers.Mixed));

    private Condition AtRatio(double percent) => Attacked(CellName.AtRatio((int)percent));

    private Condition Attacked(string cell) => Condition.Attacked(cell, longest);

    private static string PaperAt(IReadOnlyList<(double Steps, double Accuracy)> series, int steps) =>
        series.Where(point => point.Steps == steps).Select(point => PaperNumbers.Text(point.Accuracy)).FirstOrDefault("");
}
