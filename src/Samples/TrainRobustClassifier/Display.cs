using Microsoft.ML.Adversarial;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;

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

    public void ShowTraining(string name, TrainingMetrics metrics) => line.Show(metrics, $"{name,-6}  ");

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
