using Microsoft.ML.Adversarial.Evaluation;
using Microsoft.ML.Adversarial.Training;
using Samples.ImageData;
using Spectre.Console;

namespace Samples.TrainRobustClassifier;

/// <summary>What a person sees: one line that lives while work goes on, one line for each epoch that is done, and the table at the end.</summary>
public sealed class Display : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly bool isLive = !Console.IsOutputRedirected;
    private DateTime shown;

    public Display(SampleSettings settings, ImageSet training, ImageSet test)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{training.Images.Count}[/] training and [bold]{test.Images.Count}[/] test images of {training.Classes.Count} classes, {training.Width} x {training.Height} {(training.IsGrey ? "grey" : "colour")}.");
        AnsiConsole.MarkupLineInterpolated(
            $"ResNet-{settings.Depth}, width {settings.Width}, {settings.Epochs} epochs; trained against {settings.TrainingAttack}, measured under {settings.EvaluationAttack}.");
        AnsiConsole.WriteLine();
    }

    public void ShowTraining(string name, TrainingMetrics metrics)
    {
        var isEpochDone = metrics.Batch == metrics.Batches;
        var attacked = double.IsNaN(metrics.AdversarialAccuracy) ? "" : $"  attacked {metrics.AdversarialAccuracy,6:p1}";
        Show(
            $"{name,-6}  epoch {metrics.Epoch,2}/{metrics.Epochs}  batch {metrics.Batch,3}/{metrics.Batches}  rate {metrics.LearningRate,7:f4}  loss {metrics.Loss,6:f3}"
            + $"  clean {metrics.CleanAccuracy,6:p1}{attacked}  {Clock(metrics.Remaining)} left",
            isEpochDone);
    }

    public void ShowEvaluation(string name, EvaluationProgress progress) =>
        Show($"{name,-6}  measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} test images", keeps: false);

    public void ShowComparison(IReadOnlyList<TrainedModel> models)
    {
        Clear();
        var table = new Table().Border(TableBorder.Rounded).AddColumn("model").AddColumn(new TableColumn("clean").RightAligned());
        foreach (var attack in models[0].Evaluation.Attacks)
            table.AddColumn(new TableColumn(Markup.Escape($"{attack.Attack.Name} ({attack.Attack.Budget})")).RightAligned());
        table.AddColumn(new TableColumn("test images").RightAligned()).AddColumn(new TableColumn("training").RightAligned());
        foreach (var model in models)
            table.AddRow([
                model.Name, $"{model.Evaluation.CleanAccuracy:p1}", .. model.Evaluation.Attacks.Select(attack => $"{attack.Accuracy:p1}"),
                $"{model.Evaluation.Examples}", $"{Clock(TimeSpan.FromSeconds(model.TrainingSeconds))}"]);
        AnsiConsole.WriteLine();
        AnsiConsole.Write(table);
    }

    public static void ShowFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            AnsiConsole.WriteLine($"wrote {path}");
    }

    public void Dispose() => Clear();

    /// <summary>A terminal shows every state in one line; a file gets only the lines that stay.</summary>
    private void Show(string line, bool keeps)
    {
        if (!isLive)
        {
            if (keeps)
                Console.WriteLine(line);
            return;
        }
        if (!keeps && DateTime.UtcNow - shown < Pace)
            return;
        shown = DateTime.UtcNow;
        Clear();
        var width = Math.Max(20, Console.WindowWidth - 1);
        Console.Write(line.Length > width ? line[..width] : line);
        if (keeps)
            Console.WriteLine();
    }

    private static string Clock(TimeSpan time) => time.TotalHours < 1 ? $"{time:mm\\:ss}" : $"{(int)time.TotalHours}:{time:mm\\:ss}";

    private void Clear()
    {
        if (isLive)
            Console.Write("\r\u001b[2K");
    }
}
