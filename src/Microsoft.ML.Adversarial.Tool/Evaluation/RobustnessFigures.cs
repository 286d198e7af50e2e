using Microsoft.ML.Adversarial;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Tooling.Figures;

namespace AdversarialTool.Evaluation;

/// <summary>Accuracy against the budget, against the steps, and by class.</summary>
public sealed class RobustnessFigures(EvaluationSettings settings, RobustnessEvaluation evaluation, RobustnessEvaluation curves)
{
    /// <summary>A sound curve falls with the budget, down to nothing; with the steps it falls and then stays.</summary>
    public Figure Curves
    {
        get
        {
            var (epsilons, steps) = (settings.EpsilonCurve, settings.StepsCurve);
            var budgets = Panel.Create("accuracy under PGD-20", new TickedAxis(epsilons.Select(Levels), "epsilon (grey levels of 255, log scale)") { StringFormat = "0.##" }, Percent());
            Add(budgets, "PGD-20", Colours.Adversarial, [.. epsilons.Select(attack => (Levels(attack), Measured(attack)))]);
            Add(budgets, settings.Attack.Name, Colours.Mixed, [(settings.Epsilon, evaluation.Attacks[0].Accuracy)]);
            var lengths = Panel.Create($"accuracy under PGD, {settings.Attack.Budget}", new TickedAxis(steps.Select(attack => (double)attack.Steps), "attack iterations (log scale)"), Percent());
            Add(lengths, "PGD", Colours.Adversarial, [.. steps.Select(attack => ((double)attack.Steps, Measured(attack)))]);
            return new Figure("curves.png", [budgets, lengths]);
        }
    }

    /// <summary>The classes from the most robust to the least.</summary>
    public Figure Classes
    {
        get
        {
            var ordered = evaluation.Classes.Where(one => one.CleanAccuracy.Examples > 0).OrderBy(one => one.WorstCaseAccuracy.Accuracy).ToList();
            var panel = Panel.Create("accuracy by class", new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = 100, Title = "accuracy (%)" }, new CategoryAxis { Position = AxisPosition.Left, ItemsSource = ordered.Select(one => one.Name).ToList() });
            Bars("clean", Colours.Plain, one => one.CleanAccuracy);
            Bars(settings.Attack.Name, Colours.Adversarial, one => one.AttackAccuracies[0]);
            return new Figure("classes.png", [panel]);

            void Bars(string title, OxyColor colour, Func<ClassRobustness, AccuracyInterval> accuracy)
            {
                var bars = new BarSeries { Title = title, FillColor = colour };
                bars.Items.AddRange(ordered.Select(one => new BarItem(accuracy(one).Accuracy * 100)));
                panel.Series.Add(bars);
            }
        }
    }

    private static LinearAxis Percent()
    {
        var axis = Panel.Percent("accuracy (%)");
        axis.Maximum = 102;
        return axis;
    }

    private static void Add(PlotModel panel, string title, OxyColor colour, IReadOnlyList<(double Place, AccuracyInterval Accuracy)> points)
    {
        panel.AddLine(title, colour, LineStyle.Solid, points.Select(point => (point.Place, point.Accuracy.Accuracy * 100)));
        panel.AddBars(colour, points.Select(point => (point.Place, point.Accuracy.Lower * 100, point.Accuracy.Upper * 100)));
    }

    private AccuracyInterval Measured(PgdAttack attack) => curves.Attacks.First(measured => measured.Attack == attack).Accuracy;

    private static double Levels(Attack attack) => attack.Budget.Radius * 255;
}
