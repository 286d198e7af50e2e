using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using Samples.PaperStudy.Figures;
using Samples.PaperStudy.Findings;
using Tooling.CommandLine;
using Tooling.Figures;

namespace Samples.PaperStudy.Methods;

/// <summary>What the methods gave so far: a table for people, one for programs, and a figure.</summary>
public sealed class MethodReport(MethodStudySettings settings, StudyImages images, IReadOnlyList<MethodResult> results)
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    private const double Deviations = 1.96;

    private IReadOnlyList<string> Methods => [.. settings.Methods.Where(method => results.Any(run => run.Method == method))];

    private IReadOnlyList<MethodResult> Failed => [.. results.Where(run => run.Measures is null)];

    public void Write(OutputFolder output)
    {
        output.Write("methods.md", path => File.WriteAllText(path, Markdown()));
        output.Write("methods.csv", path => File.WriteAllLines(path, Csv()));
        output.Write("methods.png", Figure().Write);
    }

    public string Markdown()
    {
        var text = new StringBuilder();
        Line("# Training methods in the same time");
        Line();
        Line(FormattableString.Invariant($"Each method trained {settings.Time.TotalMinutes:0.##} minutes on one machine, with its measuring after each epoch. {images.TrainingDescription}; measured on {images.TestDescription}."));
        Line($"{results[0].Settings.Network}, batches of {settings.Scale.BatchSize}, peak rate {FormattableString.Invariant($"{settings.Scale.LearningRate}")}, {results[0].Settings.Schedule}; {results[0].Settings.Augmentation}. {string.Join(", ", settings.Attacks.Select(attack => attack.Name))} within {settings.Attacks[0].Budget}.");
        Line("Accuracies are those of the epoch that was best under PGD-10 on training images set apart: mean over the seeds ± half of a 95 % interval for other test images and other seeds.");
        Line();
        Line("| method | epochs | clean | PGD-50 | AutoAttack | best epoch | PGD-10 of the last epoch, set apart | catastrophic overfitting |");
        Line("|---|---:|---:|---:|---:|---:|---:|---|");
        foreach (var method in Methods)
        {
            Line($"| {method} | {string.Join(", ", Of(method).Select(run => run.Epochs))} | {Percent(Clean(method))} | {Percent(Pgd(method))} | {Percent(Auto(method))} | {Each(method, run => $"{run.BestEpoch}")} "
                + $"| {Each(method, run => FormattableString.Invariant($"{100 * run.LastEpochRobust:f1} %"))} | {Each(method, run => run.CollapsedEpoch is { } epoch ? $"epoch {epoch}" : "no")} |");
        }
        if (Failed.Count > 0)
        {
            Line();
            Line("Runs that failed, which no accuracy above counts:");
            Line();
            foreach (var run in Failed)
                Line($"* {run.Method}, seed {run.Seed}: {run.Failure}");
        }
        Line();
        Line("| method | what it is |");
        Line("|---|---|");
        foreach (var method in Methods)
            Line($"| {method} | {Of(method)[0].Settings.Method} |");
        return text.ToString();

        void Line(string line = "") => text.Append(line).Append('\n');
    }

    public IEnumerable<string> Csv() => results
        .Select(run => FormattableString.Invariant($"{run.Method},{run.Seed},{run.Epochs},") + (run.Measures is { } measured
            ? FormattableString.Invariant($"{measured.TrainingSeconds},{measured.Examples},{measured.CleanAccuracy:r},{measured.PgdAccuracy:r},{measured.AutoAttackAccuracy:r},{measured.BestEpoch},{measured.LastEpochRobust:r},{measured.CollapsedEpoch}")
            : ",,,,,,,"))
        .Prepend("method,seed,epochs,training_seconds,examples,clean,pgd50,autoattack,best_epoch,last_epoch_robust,collapsed_epoch");

    private IReadOnlyList<MethodResult> Of(string method) => [.. results.Where(run => run.Method == method)];

    private IReadOnlyList<MethodMeasures> MeasuresOf(string method) => [.. Of(method).Select(run => run.Measures).OfType<MethodMeasures>()];

    private Measurement? Clean(string method) => Measured(method, run => run.CleanAccuracy);

    private Measurement? Pgd(string method) => Measured(method, run => run.PgdAccuracy);

    private Measurement? Auto(string method) => Measured(method, run => run.AutoAttackAccuracy);

    private Measurement? Measured(string method, Func<MethodMeasures, double> accuracy) =>
        MeasuresOf(method) is [var first, ..] all ? new Measurement([.. all.Select(accuracy)], first.Examples) : null;

    private Figure Figure()
    {
        var names = new CategoryAxis { Position = AxisPosition.Bottom, Angle = -35 };
        names.Labels.AddRange(Methods);
        var panel = Panel.Create(FormattableString.Invariant($"{settings.Time.TotalMinutes:0.##} minutes of training each"), names, Panel.Percent("accuracy (%)"));
        panel.AddMeasured("clean", Colours.Plain, Methods.Select((method, place) => ((double)place, Clean(method))), LineStyle.None);
        panel.AddMeasured("PGD-50", Colours.Adversarial, Methods.Select((method, place) => ((double)place, Pgd(method))), LineStyle.None);
        panel.AddMeasured("AutoAttack", Colours.Mixed, Methods.Select((method, place) => ((double)place, Auto(method))), LineStyle.None);
        return new Figure("methods.png", [panel]);
    }

    private string Each(string method, Func<MethodMeasures, string> show) => string.Join(", ", Of(method).Select(run => run.Measures is { } measured ? show(measured) : "failed"));

    private static string Percent(Measurement? measured) =>
        measured is null ? "" : FormattableString.Invariant($"{measured.Mean * 100:f1} ± {100 * Deviations * Math.Sqrt(measured.SquaredStandardError):f1} %");
}
