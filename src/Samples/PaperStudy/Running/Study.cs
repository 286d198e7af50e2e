using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Reports;
using Samples.PaperStudy.Results;
using Tooling.CommandLine;

namespace Samples.PaperStudy.Running;

/// <summary>Runs the cells that are not finished yet, one after the other, and writes tables and figures after each.</summary>
public sealed class Study(StudySettings settings, CancellationToken cancellation)
{
    public void Run()
    {
        settings.Check();
        var cells = CellTable.Chosen(settings);
        var output = new OutputFolder(settings.Output);
        StudyImages images;
        using (FolderLock.Take(output.Path, cancellation))
            images = StudyImages.Read(settings, lettersFolder: Path.Combine(output.Path, "letters"));
        var store = new ResultStore(output, cell => CellSettings.Of(cell, settings, images));
        var report = new StudyReport(settings, images, store, output);

        (Cell Cell, int Seed)[] all = [.. settings.Seeds.SelectMany(seed => cells.Select(cell => (cell, seed)))];
        var waiting = all.Where(one => store.Find(one.Cell, one.Seed) is null).ToHashSet();
        var timeLeft = new TimeLeft(waiting.Sum(one => Cost(one.Cell, images)), TimeProvider.System);
        StudyDisplay.ShowStudy(settings, images, cells.Count);
        using var display = new StudyDisplay(timeLeft, waiting.Count);
        var runner = new CellRunner(settings, images, timeLeft, display, cancellation);
        foreach (var cell in waiting.Select(one => one.Cell).Distinct())
        {
            display.ShowTrial(cell);
            runner.TryOut(cell);
        }

        timeLeft.Start();
        foreach (var (cell, seed) in all)
        {
            if (waiting.Contains((cell, seed)))
                display.ShowStart();
            // Another process may have finished it by now.
            if (store.Find(cell, seed) is { } known)
            {
                if (waiting.Contains((cell, seed)))
                    timeLeft.Skip(Cost(cell, images));
                display.ShowResult(known, "taken over");
                continue;
            }
            var result = runner.Run(cell, seed);
            using (FolderLock.Take(output.Path, cancellation))
            {
                store.Write(result);
                report.Write();
            }
            display.ShowResult(result, $"done in {LiveLine.Clock(TimeSpan.FromSeconds(result.TrainingSeconds + result.EvaluationSeconds))}");
        }
        using (FolderLock.Take(output.Path, cancellation))
            report.Write();
        display.ShowFiles(report.Files);
    }

    private double Cost(Cell cell, StudyImages images) => CellCost.Of(cell, settings, images.Training.Images.Count, images.Test.Images.Count);
}
