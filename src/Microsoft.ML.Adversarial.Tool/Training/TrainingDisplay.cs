using Microsoft.ML.Adversarial;
using Spectre.Console;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace AdversarialTool.Training;

/// <summary>What a person sees: one line that lives while work goes on, one line for each epoch that is done, and the table at the end.</summary>
public sealed class TrainingDisplay : IDisposable
{
    private readonly TrainSettings settings;
    private readonly LiveLine line = new();

    public TrainingDisplay(TrainSettings settings, OnnxBackbone? backbone, ImageSet training, ImageSet test, bool goesOn)
    {
        this.settings = settings;
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{training.Images.Count}[/] training and [bold]{test.Images.Count}[/] test images of {training.Classes.Count} classes, {training.Width} x {training.Height} {(training.IsGrey ? "grey" : "colour")}.");
        AnsiConsole.MarkupLineInterpolated($"[bold]{backbone?.Name ?? Network(settings)}[/], {settings.Epochs} epochs; {settings.TrainingMethod}, measured under {settings.EvaluationAttack}.");
        if (goesOn)
            AnsiConsole.MarkupLineInterpolated($"It goes on from the checkpoint in {Path.Combine(settings.Output, "checkpoints")}.");
        AnsiConsole.WriteLine();
    }

    public static string Network(TrainSettings settings)
    {
        var quick = (ResNet)ImageClassificationRecipes.Quick.Backbone;
        return settings.Backbone is { } path ? Path.GetFileName(path) : $"ResNet-{settings.Depth ?? quick.Depth}, width {settings.Width ?? quick.Width}";
    }

    public void ShowTraining(TrainingMetrics metrics) => line.Show(metrics);

    public void ShowMeasuring(EvaluationProgress progress) =>
        line.Show($"measuring {progress.Condition}: {progress.Accuracy:p1} of {progress.Examples} of {progress.Total} test images", stays: false);

    public void ShowMeasured(IReadOnlyList<MeasuredDomain> measured)
    {
        line.Clear();
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var column in (string[])["test images", "accuracy", "95 %"])
            table.AddColumn(new TableColumn(column).NoWrap());
        foreach (var (domain, evaluation) in measured)
        {
            var name = settings.IsMixture ? $", {domain} domain" : "";
            Add($"clean{name}", evaluation.CleanAccuracy);
            Add($"{settings.EvaluationAttack.Name} within {settings.EvaluationAttack.Budget}{name}", evaluation.Attacks[0].Accuracy);
        }
        AnsiConsole.WriteLine();
        AnsiConsole.Write(table);

        void Add(string name, AccuracyInterval accuracy) => table.AddRow(Markup.Escape(name), $"{accuracy.Accuracy:p1}", $"{accuracy.Lower * 100:f1}-{accuracy.Upper * 100:f1}");
    }

    public static void ShowFiles(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            AnsiConsole.WriteLine($"wrote {path}");
    }

    public void Dispose() => line.Dispose();
}
