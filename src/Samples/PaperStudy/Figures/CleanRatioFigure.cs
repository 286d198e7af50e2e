using OxyPlot;
using OxyPlot.Axes;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>Accuracy against the share of clean images in the training with one batch normalisation.</summary>
public static class CleanRatioFigure
{
    public static Figure Create(StudySettings settings, MeasurementTable table)
    {
        var longest = settings.AttackSteps[^1];
        var share = new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "clean images for 100 attacked ones",
            Minimum = -4,
            Maximum = 104,
            MajorStep = 20,
        };
        var panel = Panel.Create("adversarial training with one batch normalisation", share, Panel.Percent("accuracy under attack (%)"));
        panel.AddMeasured(
            $"this study, PGD-{longest}",
            Colours.Adversarial,
            PaperNumbers.ByCleanRatio.Select(point => (point.Percent, table.Of(Condition.Attacked(CellName.AtRatio((int)point.Percent), longest)))));
        panel.AddLine($"the paper (ImageNet), PGD-{PaperNumbers.LongestAttack}", Colours.Plain, LineStyle.Dash, PaperNumbers.ByCleanRatio);
        return new Figure("clean-ratio.png", [panel]);
    }
}
