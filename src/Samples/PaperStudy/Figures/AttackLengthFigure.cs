using OxyPlot;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>Accuracy against the length of the attack: a robustness that falls on and on is none.</summary>
public static class AttackLengthFigure
{
    private const string Steps = "attack iterations (log scale)", Accuracy = "accuracy under attack (%)";

    public static Figure Create(StudySettings settings, MeasurementTable table)
    {
        var here = Panel.Create("this study", new TickedAxis(settings.AttackSteps.Select(steps => (double)steps), Steps), Panel.Percent(Accuracy));
        AddCell("attacked only", Colours.Adversarial, CellName.Adversarial);
        AddCell("mixed", Colours.Mixed, CellName.Mixed(100));
        AddCell("mixed, paired logits", Colours.LogitPairing, CellName.LogitPairing);
        AddCell("mixed, mixture BN", Colours.MixtureBatch, CellName.MixtureBatch);
        AddCell("mixed, group norm", Colours.Group, CellName.Group);

        var paper = Panel.Create("the paper (ImageNet)", new TickedAxis(PaperNumbers.AdversarialByAttack.Select(point => point.Steps), Steps), Panel.Percent(Accuracy));
        paper.AddLine("attacked only", Colours.Adversarial, LineStyle.Dash, PaperNumbers.AdversarialByAttack);
        paper.AddLine("mixed", Colours.Mixed, LineStyle.Dash, PaperNumbers.MixedByAttack);
        paper.AddLine("mixed, paired logits", Colours.LogitPairing, LineStyle.Dash, [(PaperNumbers.LongestAttack, PaperNumbers.LogitPairing)]);
        paper.AddLine("mixed, mixture BN", Colours.MixtureBatch, LineStyle.Dash, [(PaperNumbers.LongestAttack, PaperNumbers.MixtureBatch)]);
        return new Figure("attack-length.png", [here, paper]);

        void AddCell(string title, OxyColor colour, string cell) =>
            here.AddMeasured(title, colour, settings.AttackSteps.Select(steps => ((double)steps, table.Of(Condition.Attacked(cell, steps)))));
    }
}
