using Microsoft.ML.Adversarial;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace AdversarialTool.Evaluation;

/// <summary>What a person sees: one line that lives while work goes on, the table, the warnings, the gate.</summary>
public sealed class EvaluationDisplay : IDisposable
{
    private readonly LiveLine line = new();

    public EvaluationDisplay(EvaluationSettings settings, ImageSet images)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{settings.Plan.Model}[/] on [bold]{images.Images.Count}[/] images of {images.Classes.Count} classes, {images.Width} x {images.Height} {(images.IsGrey ? "grey" : "colour")}, under {settings.Plan.Attack.Name} within {settings.Plan.Attack.Budget}.");
        AnsiConsole.WriteLine();
    }

    public void ShowProgress(EvaluationProgress progress)
    {
        var left = progress.Remaining is { } remaining ? $", {LiveLine.Clock(remaining)} left" : "";
        line.Show($"{progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} of {progress.Total} images{left}", stays: false);
    }

    public void ShowEvaluation(RobustnessEvaluation evaluation)
    {
        line.Clear();
        var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("").NoWrap());
        foreach (var column in (string[])["met", "broken", "accuracy", "95 %", "time"])
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        table.AddRow("clean", $"{evaluation.Examples}", "", $"{evaluation.CleanAccuracy.Accuracy:p1}", Interval(evaluation.CleanAccuracy), "");
        foreach (var attack in evaluation.Attacks)
        {
            var standing = attack.Members[0].Examples;
            foreach (var member in attack.Members)
            {
                standing -= member.Broken;
                var isLast = member == attack.Members[^1];
                table.AddRow(
                    member.Attack.Name, $"{member.Examples}", $"{member.Broken}", $"{standing / (double)evaluation.Examples:p1}",
                    isLast ? Interval(attack.Accuracy) : "", LiveLine.Clock(member.Elapsed));
            }
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{evaluation.Attacks[0].Accuracy.Accuracy:p1}[/] of {evaluation.Examples} images withstand {evaluation.Attacks[0].Attack.Name}; the farthest was moved by {evaluation.Attacks[0].LargestDistance * 255:f2}/255.");
    }

    public void ShowWarnings(IEnumerable<EvaluationWarning> warnings)
    {
        line.Clear();
        foreach (var warning in warnings)
            AnsiConsole.MarkupLineInterpolated($"[yellow]{warning.Kind}[/]: {warning.Message}");
    }

    public static void ShowFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            AnsiConsole.WriteLine($"wrote {path}");
    }

    public static void ShowGate(EvaluationSettings settings, IReadOnlyList<string> failures)
    {
        foreach (var failure in failures)
            AnsiConsole.MarkupLineInterpolated($"[red]The gate is closed.[/] {failure}");
        if (settings.Gate is not null && failures.Count == 0)
            AnsiConsole.MarkupLineInterpolated($"[green]The gate is open.[/]");
    }

    public void Dispose() => line.Dispose();

    private static string Interval(AccuracyInterval accuracy) => $"{accuracy.Lower * 100:f1}-{accuracy.Upper * 100:f1}";
}
