using Samples.PaperStudy.Cells;

namespace Samples.PaperStudy.Findings;

/// <summary>What depth gives to adversarial and to plain training.</summary>
public sealed class DepthFinding(StudySettings settings)
{
    private readonly int shallow = settings.Depths[0], deep = settings.Depths[^1], longest = settings.AttackSteps[^1];

    public Finding Finding => new()
    {
        Number = 7,
        Title = "Adversarial training wants depth, more than plain training does",
        Rows =
        [
            .. settings.Depths.Select(depth => new FindingRow($"adversarial training, ResNet-{depth}", Robust(depth), "")),
            .. settings.Depths.Select(depth => new FindingRow($"plain training, ResNet-{depth}", Plain(depth), "")),
        ],
        Comparisons = shallow == deep ? [] :
        [
            Comparison.Of(
                $"under PGD-{longest} adversarial training at depth {deep} withstands more than at depth {shallow}", Robust(deep), Robust(shallow), Gain(PaperNumbers.AdversarialByDepth)),
            new(
                "that gain exceeds plain training's gain in clean accuracy",
                [(1, Robust(deep)), (-1, Robust(shallow)), (-1, Plain(deep)), (1, Plain(shallow))],
                Gain(PaperNumbers.AdversarialByDepth) - Gain(PaperNumbers.PlainByDepth)),
        ],
        Note = $"The paper: adversarial training under PGD-{PaperNumbers.LongestAttack} {PaperNumbers.Text(PaperNumbers.AdversarialByDepth, "ResNet-")}; "
            + $"plain training on clean images {PaperNumbers.Text(PaperNumbers.PlainByDepth, "ResNet-")}.",
    };

    private Condition Robust(int depth) => Condition.Attacked(CellName.AdversarialAt(depth, settings.Depth), longest);

    private static Condition Plain(int depth) => Condition.Clean(CellName.Plain(depth));

    private static double Gain(IReadOnlyList<(double Depth, double Accuracy)> series) => PaperNumbers.Difference(series[^1].Accuracy, series[0].Accuracy);
}
