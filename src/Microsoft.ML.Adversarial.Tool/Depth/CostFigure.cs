using Microsoft.ML.Adversarial;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using Tooling.Figures;

namespace AdversarialTool.Depth;

/// <summary>Accuracy against cost, as in the paper's figure on depth: what an attack leaves on the left, plain training beside it on the right.</summary>
public static class CostFigure
{
    public static Figure Create(SearchSettings settings, DepthExperimentResult result)
    {
        var runs = result.RunDetails.Where(run => run.RobustAccuracy is not null).OrderBy(run => run.MultiplyAdds).ToList();
        var adversarial = runs.Where(run => !run.IsComparison).ToList();
        var plain = runs.Where(run => run.IsComparison).ToList();

        var robust = Panel.Create($"accuracy under {settings.ValidationAttack.Name}, {settings.ValidationAttack.Budget}", Cost(runs), Accuracy(adversarial, run => run.RobustAccuracy!));
        Add(robust, "adversarial training", Colours.Adversarial, adversarial, run => run.RobustAccuracy!);
        Label(robust, adversarial, run => run.RobustAccuracy!);

        var clean = Panel.Create("accuracy on clean images", Cost(runs), Accuracy(runs, run => run.CleanAccuracy!));
        Add(clean, "adversarial training", Colours.Adversarial, adversarial, run => run.CleanAccuracy!);
        Add(clean, "plain training", Colours.Plain, plain, run => run.CleanAccuracy!);
        return new Figure("depth.png", [robust, clean]);
    }

    private static TickedAxis Cost(IEnumerable<DepthRunDetail> runs) => new(runs.Select(Millions).Distinct(), "million multiply-adds (log scale)") { StringFormat = "0.0" };

    private static LinearAxis Accuracy(IEnumerable<DepthRunDetail> runs, Func<DepthRunDetail, AccuracyInterval> accuracy)
    {
        var axis = Panel.Percent("accuracy (%)");
        axis.Maximum = Math.Min(100, Math.Ceiling(runs.Max(run => accuracy(run).Upper) * 100 + 2));
        return axis;
    }

    /// <summary>Filled where a network was trained to its end, hollow where it was not.</summary>
    private static void Add(PlotModel panel, string title, OxyColor colour, IReadOnlyList<DepthRunDetail> runs, Func<DepthRunDetail, AccuracyInterval> accuracy)
    {
        foreach (var (isCompleted, name, style) in new[] { (true, title, LineStyle.Solid), (false, title + ", not to the end", LineStyle.Dash) })
        {
            var points = runs.Where(run => run.Status == DepthRunStatus.Completed == isCompleted).ToList();
            panel.AddLine(name, colour, style, points.Select(run => (Millions(run), accuracy(run).Accuracy * 100)));
            panel.AddBars(colour, points.Select(run => (Millions(run), accuracy(run).Lower * 100, accuracy(run).Upper * 100)));
        }
    }

    private static void Label(PlotModel panel, IEnumerable<DepthRunDetail> runs, Func<DepthRunDetail, AccuracyInterval> accuracy)
    {
        foreach (var run in runs)
            panel.Annotations.Add(new TextAnnotation
            {
                Text = run.Trial.ToString(),
                TextPosition = new DataPoint(Millions(run), accuracy(run).Lower * 100),
                TextVerticalAlignment = VerticalAlignment.Top,
                StrokeThickness = 0,
                FontSize = 13,
            });
    }

    private static double Millions(DepthRunDetail run) => run.MultiplyAdds / 1e6;
}
