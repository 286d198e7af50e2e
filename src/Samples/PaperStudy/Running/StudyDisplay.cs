using Microsoft.ML.Adversarial;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Results;
using Tooling.CommandLine;

namespace Samples.PaperStudy.Running;

/// <summary>What a person sees: one live line with the time left for the whole study, a line for each epoch and each cell that is done.</summary>
public sealed class StudyDisplay(TimeLeft timeLeft, int cellsToRun) : IDisposable
{
    private readonly LiveLine line = new();
    private int cellInHand;

    public static void ShowStudy(StudySettings settings, StudyImages images, int cells)
    {
        Console.WriteLine($"Training images: {images.TrainingDescription}. Test images: {images.TestDescription}.");
        Console.WriteLine(
            $"ResNet-{settings.Depth}, width {settings.Width}, {settings.Epochs} epochs; trained against {settings.TrainingAttack}, measured under PGD-{string.Join(", ", settings.AttackSteps)}.");
        Console.WriteLine($"{cells} cells with seed {string.Join(", ", settings.Seeds)}.");
        Console.WriteLine();
    }

    public void ShowTrial(Cell cell) => line.Show($"{cell.Name}: one step as a trial", stays: false);

    public void ShowStart() => cellInHand++;

    public void ShowTraining(Cell cell, int seed, TrainingMetrics metrics)
    {
        var attacked = double.IsNaN(metrics.RobustAccuracy) ? "" : $"  attacked {metrics.RobustAccuracy,6:p1}";
        line.Show(
            $"{Name(cell.Name, seed)}  epoch {metrics.Epoch,2}/{metrics.Epochs}  batch {metrics.Batch,3}/{metrics.Batches}  loss {metrics.Loss,6:f3}  clean {metrics.CleanAccuracy,6:p1}{attacked}  {Whole}",
            stays: metrics.Batch == metrics.Batches);
    }

    public void ShowEvaluation(Cell cell, int seed, ImageDomain domain, EvaluationProgress progress) =>
        line.Show($"{Name(cell.Name, seed)}  measuring {progress.Condition} ({domain}): {progress.Accuracy:p1} of {progress.Examples} test images  {Whole}", stays: false);

    public void ShowResult(CellResult result, string how)
    {
        foreach (var domain in result.Domains)
        {
            var attacks = domain.Attacks.Select(attack => $"PGD-{attack.Steps} {attack.Accuracy:p1}");
            line.Show($"{Name(result.Cell, result.Seed)}  {how}: {domain.Domain} domain, clean {domain.CleanAccuracy:p1}, {string.Join(", ", attacks)} of {domain.Examples}", stays: true);
        }
    }

    public void ShowFiles(IEnumerable<string> paths)
    {
        line.Clear();
        foreach (var path in paths)
            Console.WriteLine($"wrote {path}");
    }

    public void Dispose() => line.Dispose();

    private string Whole => $"cell {cellInHand}/{cellsToRun}  {(timeLeft.Remaining is { } time ? LiveLine.Clock(time) : "?")} left";

    private static string Name(string cell, int seed) => $"{cell,-17} seed {seed}";
}
