using Microsoft.ML.Adversarial;
using Samples.CommandLine;
using Samples.ImageData;
using Spectre.Console;

namespace Samples.TrainRobustClassifier;

/// <summary>What a person sees: one line that lives while work goes on, one line for each epoch that is done, and the table at the end.</summary>
public sealed class Display : IDisposable
{
    private readonly LiveLine line = new();

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
        var attacked = double.IsNaN(metrics.RobustAccuracy) ? "" : $"  attacked {metrics.RobustAccuracy,6:p1}";
        line.Show(
            $"{name,-6}  epoch {metrics.Epoch,2}/{metrics.Epochs}  batch {metrics.Batch,3}/{metrics.Batches}  rate {metrics.LearningRate,7:f4}  loss {metrics.Loss,6:f3}"
            + $"  clean {metrics.CleanAccuracy,6:p1}{attacked}  {LiveLine.Clock(metrics.Remaining)} left",
            isEpochDone);
    }

    public void ShowEvaluation(string name, EvaluationProgress progress) =>
        line.Show($"{name,-6}  measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} test images", stays: false);

    public void ShowComparison(IReadOnlyList<TrainedModel> models)
    {
        line.Clear();
        var table = new Table().Border(TableBorder.Rounded).AddColumn("model").AddColumn(new TableColumn("clean").RightAligned());
        foreach (var attack in models[0].Evaluation.Attacks)
            table.AddColumn(new TableColumn(Markup.Escape($"{attack.Attack.Name} ({attack.Attack.Budget})")).RightAligned());
        table.AddColumn(new TableColumn("test images").RightAligned()).AddColumn(new TableColumn("training").RightAligned());
        foreach (var model in models)
            table.AddRow([
                model.Name, $"{model.Evaluation.CleanAccuracy.Accuracy:p1}", .. model.Evaluation.Attacks.Select(attack => $"{attack.Accuracy.Accuracy:p1}"),
                $"{model.Evaluation.Examples}", $"{LiveLine.Clock(TimeSpan.FromSeconds(model.TrainingSeconds))}"]);
        AnsiConsole.WriteLine();
        AnsiConsole.Write(table);
    }

    public static void ShowFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            AnsiConsole.WriteLine($"wrote {path}");
    }

    public void Dispose() => line.Dispose();
}
