using Microsoft.ML.Adversarial;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace AdversarialTool.Depth;

/// <summary>What a person sees: one live line, one for each epoch and each network that is done, and the ranking.</summary>
public sealed class SearchDisplay : IProgress<DepthRunDetail>, IDisposable
{
    private readonly LiveLine line = new();

    public SearchDisplay(SearchSettings settings, ImageSet training, ImageSet validation)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{training.Images.Count}[/] training and [bold]{validation.Images.Count}[/] validation images of {training.Classes.Count} classes, {training.Width} x {training.Height} {(training.IsGrey ? "grey" : "colour")}.");
        AnsiConsole.MarkupLineInterpolated(
            $"ResNet-{string.Join(", ", settings.Depths)}, width {settings.Width}, {settings.Epochs} epochs; trained against {settings.TrainingAttack}, chosen under {settings.ValidationAttack.Name}, within {settings.Minutes} minutes.");
        AnsiConsole.WriteLine();
    }

    public void ShowTraining(DepthTrial trial, TrainingMetrics metrics)
    {
        var attacked = double.IsNaN(metrics.RobustAccuracy) ? "" : $"  attacked {metrics.RobustAccuracy,6:p1}";
        line.Show(
            $"{trial,-15}  epoch {metrics.Epoch,2}/{metrics.Epochs}  batch {metrics.Batch,3}/{metrics.Batches}  loss {metrics.Loss,6:f3}  clean {metrics.CleanAccuracy,6:p1}{attacked}",
            stays: metrics.Batch == metrics.Batches);
    }

    public void Report(DepthRunDetail value) => line.Show(
        value.RobustAccuracy is { } robust
            ? $"{value.Trial,-15}  {Ending(value)} after {value.Epochs.Count} epochs: {robust.Accuracy:p1} robust, {value.CleanAccuracy!.Accuracy:p1} clean of {robust.Examples} validation images"
            : $"{value.Trial,-15}  {Ending(value)}{(value.Exception is { } exception ? $": {exception.Message}" : "")}",
        stays: true);

    public void ShowTest(EvaluationProgress progress) =>
        line.Show($"measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} test images", stays: false);

    public void ShowRanking(DepthExperimentResult result)
    {
        line.Clear();
        var front = result.ParetoFront.Select(run => run.Trial).ToHashSet();
        var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("network").NoWrap());
        foreach (var column in (string[])["robust, 95 %", "clean", "mult-adds", "ms"])
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("ended").NoWrap());
        foreach (var run in result.RunDetails.Where(run => run.RobustAccuracy is not null).OrderBy(run => run.IsComparison).ThenByDescending(run => run.Metric))
        {
            table.AddRow(
                front.Contains(run.Trial) ? $"[bold]{run.Trial}[/]" : $"{run.Trial}",
                $"{run.RobustAccuracy!.Accuracy:p1} {run.RobustAccuracy.Lower * 100,2:f0}-{run.RobustAccuracy.Upper * 100:f0}",
                $"{run.CleanAccuracy!.Accuracy:p1}",
                $"{run.MultiplyAdds / 1e6:f1} M",
                $"{run.Latency!.Value.TotalMilliseconds:f2}",
                Ending(run));
        }
        AnsiConsole.WriteLine();
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"Best: [bold]{result.BestRun.Trial}[/]. In bold: worth the cost, none is cheaper and as good. Multiply-adds and milliseconds are for one image.");
    }

    public void ShowTested(DepthRunDetail best, RobustnessEvaluation tested)
    {
        line.Clear();
        AnsiConsole.MarkupLineInterpolated(
            $"{best.Trial} on {tested.Examples} test images: {tested.CleanAccuracy.Accuracy:p1} clean, {tested.Attacks[0].Accuracy.Accuracy:p1} under {tested.Attacks[0].Attack}.");
    }

    public static void ShowFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            AnsiConsole.WriteLine($"wrote {path}");
    }

    public static void ShowUnfinished() => AnsiConsole.MarkupLineInterpolated($"[yellow]The time was over before all networks were trained;[/] the same command goes on where they stand.");

    public void Dispose() => line.Dispose();

    private static string Ending(DepthRunDetail run) => run.Status switch
    {
        DepthRunStatus.Completed => "completed",
        DepthRunStatus.StoppedEarly => "stopped early",
        DepthRunStatus.OutOfTime => "out of time",
        _ => "failed",
    };
}
