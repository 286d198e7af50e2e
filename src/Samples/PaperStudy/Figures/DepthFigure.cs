using OxyPlot;
using OxyPlot.Axes;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>What depth gains over the shallowest network, adversarial training under attack and plain training on clean images.</summary>
public static class DepthFigure
{
    private const string Depth = "depth (layers, log scale)";

    public static Figure Create(StudySettings settings, MeasurementTable table)
    {
        var longest = settings.AttackSteps[^1];
        var here = Panel.Create("this study", new TickedAxis(settings.Depths.Select(depth => (double)depth), Depth), Gain());
        AddMeasured($"adversarial training, PGD-{longest}", Colours.Adversarial, depth => Condition.Attacked(CellName.AdversarialAt(depth, settings.Depth), longest));
        AddMeasured("plain training, clean", Colours.Plain, depth => Condition.Clean(CellName.Plain(depth)));

        var paper = Panel.Create("the paper (ImageNet)", new TickedAxis(PaperNumbers.AdversarialByDepth.Select(point => point.Depth), Depth), Gain());
        paper.AddLine($"adversarial training, PGD-{PaperNumbers.LongestAttack}", Colours.Adversarial, LineStyle.Dash, OverFirst(PaperNumbers.AdversarialByDepth));
        paper.AddLine("plain training, clean", Colours.Plain, LineStyle.Dash, OverFirst(PaperNumbers.PlainByDepth));
        return new Figure("depth.png", [here, paper]);

        void AddMeasured(string title, OxyColor colour, Func<int, Condition> conditionAt) =>
            here.AddLine(title, colour, LineStyle.Solid, OverFirst([.. from depth in settings.Depths
                                                                       let measured = table.Of(conditionAt(depth))
                                                                       where measured is not null
                                                                       select ((double)depth, measured.Mean * 100)]));
    }

    private static LinearAxis Gain() => new() { Position = AxisPosition.Left, Title = "accuracy gained over the shallowest (points)", MinimumPadding = 0.08, MaximumPadding = 0.08 };

    private static IEnumerable<(double Depth, double Gain)> OverFirst(IReadOnlyList<(double Depth, double Accuracy)> series) =>
        series.Select(point => (point.Depth, point.Accuracy - series[0].Accuracy));
}
