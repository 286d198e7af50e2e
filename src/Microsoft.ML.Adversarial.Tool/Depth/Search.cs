using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace AdversarialTool.Depth;

/// <summary>The whole story: read images, compare depths, measure the best on images that no one chose by, write everything down.</summary>
public sealed class Search(SearchSettings settings, CancellationToken cancellation)
{
    /// <summary>What of the time is kept for the end, and not trained in: the test of the best network, the figure.</summary>
    private const double KeptShare = 0.1;

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly MLContext ml = new(settings.Seed);

    /// <summary>Null for this process alone.</summary>
    private ProcessGroup? group;

    public Answer Run()
    {
        settings.Check();
        group = Ranks.Open(settings.IsDistributed);
        var output = new OutputFolder(settings.Output);
        var checkpoints = Path.Combine(output.Path, "checkpoints");
        var (all, test) = group.InTurn(() => TrainingAndTestImages.Read(settings.Images, settings.TestImages, settings.Limit, settings.Seed, lettersFolder: Path.Combine(output.Path, "letters")));
        var (training, validation) = all.Split(0.2);
        using var display = new SearchDisplay(settings, training, validation);

        var experiment = ml.Adversarial().CreateDepthExperiment(Experiment(checkpoints, display));
        using var result = experiment.Execute(training.AsView(ml), validation.AsView(ml), ImagePreparation.Create(ml, training), display);
        if (!group.IsFirst())
            return SearchAnswer.Create(result, tested: null, []);
        display.ShowRanking(result);
        var tested = Tested(result.BestRun, test, display);

        output.Write("model.zip", path => ml.Model.Save(result.BestRun.Model, training.AsView(ml).Schema, path));
        output.Write("report.md", path => File.WriteAllText(path, result.ToMarkdown() + TestLine(tested)));
        output.Write("depth.png", path => CostFigure.Create(settings, result).Write(path));
        SearchDisplay.ShowFiles(output.Written);
        cancellation.ThrowIfCancellationRequested();
        if (result.RunDetails.Any(run => run.Status == DepthRunStatus.OutOfTime))
            SearchDisplay.ShowUnfinished();
        else
            Directory.Delete(checkpoints, recursive: true);
        return SearchAnswer.Create(result, tested, output.Written);
    }

    private DepthExperimentSettings Experiment(string checkpoints, SearchDisplay display) => new()
    {
        Depths = settings.Depths,
        Training = ImageClassificationRecipes.Quick with
        {
            Backbone = ImageClassificationRecipes.Quick.Backbone.WithWidth(settings.Width),
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            Method = new AdversarialTraining(settings.TrainingAttack),
            Augmentation = new Augmentation { HorizontalFlip = settings.MirrorsImages, CropPadding = settings.Images is null ? 2 : 4 },
            PixelLayout = PixelLayout.Planar,
            Seed = settings.Seed,
        },
        ValidationAttack = settings.ValidationAttack,
        Halvings = settings.Halvings,
        MaximumLatency = settings.MaximumLatency,
        CacheBeforeTrainer = true,
        CheckpointDirectory = checkpoints,
        MaximumExperimentTime = TimeSpan.FromSeconds(Math.Max(1, settings.Time.TotalSeconds * (1 - KeptShare) - clock.Elapsed.TotalSeconds)),
        Distributed = group,
        TrialProgress = display.ShowTraining,
        CancellationToken = cancellation,
    };

    /// <returns>Null where the time does not suffice.</returns>
    private RobustnessEvaluation? Tested(DepthRunDetail best, ImageSet test, SearchDisplay display)
    {
        var left = settings.Time * (1 - KeptShare / 5) - clock.Elapsed;
        if (left <= TimeSpan.Zero)
            return null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(left);
        try
        {
            var tested = ml.Adversarial().EvaluateRobustness(best.Model!, test.AsView(ml), [settings.TestAttack], new RobustnessEvaluationOptions
            {
                Seed = settings.Seed,
                ProgressCallback = display.ShowTest,
                CancellationToken = deadline.Token,
            });
            display.ShowTested(best, tested);
            return tested;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string TestLine(RobustnessEvaluation? tested) => tested is null
        ? "\nThe time did not suffice to measure the best network on test images.\n"
        : FormattableString.Invariant(
            $"\nThe best network on {tested.Examples} test images that nothing was chosen by: {tested.CleanAccuracy.Accuracy * 100:f1} % clean, {tested.Attacks[0].Accuracy.Accuracy * 100:f1} % under {tested.Attacks[0].Attack.Name}.\n");
}
