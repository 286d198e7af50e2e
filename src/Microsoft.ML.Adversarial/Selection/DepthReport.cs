using System.Globalization;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>An experiment for people to read.</summary>
internal sealed class DepthReport(DepthExperimentResult result)
{
    private readonly DepthExperimentSettings settings = result.Settings;
    private readonly StringBuilder text = new();

    public string Text()
    {
        text.Clear();
        Line($"# The depth worth its cost: {result.BestRun.Trial}");
        Line();
        AddRanking();
        Line();
        AddSettings();
        return text.ToString();
    }

    private void AddRanking()
    {
        var front = result.ParetoFront.Select(run => run.Trial).ToHashSet();
        Line("| rank | network | width | normalisation | robust accuracy | clean accuracy | epochs | million multiply-adds | thousand parameters | ms an image | training | ended |");
        Line("|---:|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---|");
        var rank = 0;
        foreach (var run in result.RunDetails.Where(run => !run.IsComparison).OrderByDescending(run => double.IsNaN(run.Metric) ? -1 : run.Metric).ThenBy(run => run.MultiplyAdds))
            Line(Row((++rank).ToString(CultureInfo.InvariantCulture), run, front.Contains(run.Trial)));
        foreach (var run in result.RunDetails.Where(run => run.IsComparison).OrderBy(run => run.MultiplyAdds))
            Line(Row("", run, isOnFront: false));
        Line();
        Line($"Ranked by {settings.OptimizingMetric} of the best epoch; in brackets the 95 % interval of {result.BestRun.RobustAccuracy!.Examples} validation images. Epochs were chosen on the same images, so the accuracies lean");
        Line("upwards; measure the chosen model on others. Networks in bold are worth their cost: none is cheaper and as good. Plain networks were trained on clean images alone, for comparison, and chosen by");
        Line("their clean accuracy.");
    }

    private static string Row(string rank, DepthRunDetail run, bool isOnFront)
    {
        var name = $"{run.Trial with { Width = null, Normalization = null }}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {rank} | {(isOnFront ? $"**{name}**" : name)} | {run.Width} | {run.Normalization} | {Percent(run.RobustAccuracy)} | {Percent(run.CleanAccuracy)} | {run.Epochs.Count} | {run.MultiplyAdds / 1e6:f1} "
            + $"| {run.Parameters / 1e3:f1} | {(run.Latency is { } latency ? latency.TotalMilliseconds.ToString("f2", CultureInfo.InvariantCulture) : "")} | {run.TrainingTime:hh\\:mm\\:ss} | {Ending(run)} |");
    }

    /// <summary>What a run came to, for the log.</summary>
    public static string Summary(DepthRunDetail run) => run.RobustAccuracy is null
        ? $"{Ending(run)}, nothing measured."
        : FormattableString.Invariant($"{Ending(run)} behind epoch {run.Epochs.Count}; best epoch {run.BestEpoch}: {Percent(run.RobustAccuracy)} robust, {Percent(run.CleanAccuracy)} clean of {run.RobustAccuracy.Examples} images.");

    private static string Ending(DepthRunDetail run) => run.Status switch
    {
        DepthRunStatus.Completed => "completed",
        DepthRunStatus.StoppedEarly => "stopped early",
        DepthRunStatus.OutOfTime => "out of time",
        _ => $"failed: {run.Exception!.Message.ReplaceLineEndings(" ").Replace('|', '/')}",
    };

    private void AddSettings()
    {
        var training = settings.Training;
        Line("| setting | |");
        Line("|---|---|");
        Line($"| validation attack | {settings.SelectionFor(result.BestRun.Trial).Attack} |");
        foreach (var method in settings.Methods ?? [training.Method])
            Line($"| method | {method} |");
        Line(string.Create(CultureInfo.InvariantCulture, $"| training | {training.Epochs} epochs of batches of {training.BatchSize}, peak rate {training.LearningRate}, {training.Schedule} |"));
        Line($"| halvings | {settings.Halvings} |");
        Line($"| latency limit | {(settings.MaximumLatency is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{limit.TotalMilliseconds} ms") : "none")} |");
    }

    private static string Percent(AccuracyInterval? accuracy) =>
        accuracy is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{accuracy.Accuracy * 100:f1} % [{accuracy.Lower * 100:f1}, {accuracy.Upper * 100:f1}]");

    private void Line(string line = "") => text.Append(line).Append('\n');
}
