using Microsoft.ML.Adversarial.Tests.Components;
using Microsoft.ML.Data;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Selection;

public sealed class DepthExperimentTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly ToyPictures pictures = new(perClass: 6);
    private readonly List<DepthRunDetail> reported = [];

    private static DepthExperimentSettings Settings { get; } = new()
    {
        Depths = [8, 14],
        Training = ToyPictures.QuickOptions with { Epochs = 4, BatchSize = 6 },
        CacheBeforeTrainer = true,
    };

    [Fact]
    public void The_best_run_is_the_first_by_the_metric_and_its_model_survives_a_file()
    {
        using var result = Execute(Settings);

        var ranked = result.RunDetails.Where(run => !run.IsComparison).OrderByDescending(run => run.Metric).ThenBy(run => run.MultiplyAdds);
        Assert.Equal(ranked.First(), result.BestRun);
        using var file = new MemoryStream();
        ml.Model.Save(result.BestRun.Model, View.Schema, file);
        file.Position = 0;
        var loaded = new MLContext().Model.Load(file, out _);
        Assert.Equal(Scores(result.BestRun.Model!), Scores(loaded));
    }

    [Fact]
    public void The_weaker_half_stops_in_the_middle_and_plain_networks_come_last()
    {
        using var result = Execute(Settings);

        Assert.Equal(
            [DepthRunStatus.StoppedEarly, DepthRunStatus.Completed, DepthRunStatus.Completed, DepthRunStatus.Completed],
            result.RunDetails.Select(run => run.Status));
        Assert.Equal([2, 4, 4, 4], result.RunDetails.Select(run => run.Epochs.Count));
        Assert.Equal([8, 14], result.RunDetails.Where(run => run.IsComparison).Select(run => run.Trial.Depth));
        Assert.Equal(result.RunDetails, reported);
    }

    [Fact]
    public void Methods_are_a_dimension_of_the_search_and_plain_networks_know_no_warmup()
    {
        var budget = Budget.LInf(8);
        TrainingMethod[] methods = [new Trades(new PgdAttack(budget) { Steps = 1 }), new FreeAdversarialTraining(budget) { Replays = 2 }];
        using var result = Execute(Settings with { Depths = [8], Methods = methods, Halvings = 0, Training = Settings.Training with { BudgetWarmupEpochs = 1 } });

        Assert.Equal(methods, result.RunDetails.Where(run => !run.IsComparison).Select(run => run.Trial.Method));
        Assert.All(result.RunDetails, run => Assert.Equal(DepthRunStatus.Completed, run.Status));
        Assert.Single(result.RunDetails, run => run.IsComparison);
        Assert.Contains("TRADES against", result.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("free adversarial training within L-inf 8/255, 2 replays", result.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_tells_what_it_cost_and_how_sure_its_accuracy_is()
    {
        using var result = Execute(Settings with { Depths = [8], Widths = [4, 6], ComparesPlainTraining = false, Halvings = 0 });

        Assert.Equal([4, 6], result.RunDetails.Select(run => run.Width));
        foreach (var run in result.RunDetails)
        {
            var best = run.Epochs.Single(epoch => epoch.Epoch == run.BestEpoch);
            Assert.Equal((best.CleanAccuracy, best.RobustAccuracy), (run.CleanAccuracy!.Accuracy, run.RobustAccuracy!.Accuracy));
            Assert.Equal(run.RobustAccuracy.Accuracy, run.Metric);
            Assert.Equal(18, run.RobustAccuracy.Examples);
            Assert.InRange(run.RobustAccuracy.Accuracy, run.RobustAccuracy.Lower, run.RobustAccuracy.Upper);
            // A score costs more than reading one that is already there.
            Assert.True(run.Latency > TimeSpan.FromMicroseconds(10) && run.TrainingTime > TimeSpan.Zero);
        }
        Assert.True(result.RunDetails[0].Parameters < result.RunDetails[1].Parameters);
    }

    [Fact]
    public void An_experiment_that_was_broken_off_goes_on_and_ends_as_an_unbroken_one()
    {
        var folder = Path.Combine(pictures.Folder, "experiment");
        using var unbroken = Execute(Settings);
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        // In the third epoch of the run that goes on after the first round.
        using (Execute(Settings with
        {
            CheckpointDirectory = folder,
            CancellationToken = cancellation.Token,
            TrialProgress = (_, _) =>
            {
                if (++updates == 14)
                    cancellation.Cancel();
            },
        }))
        {
        }

        var more = 0;
        using var resumed = Execute(Settings with { CheckpointDirectory = folder, TrialProgress = (_, _) => more++ });

        Assert.Equal(14, updates);
        Assert.Equal(2 * 6 + 6 + 2 * 12 - updates, more);
        Assert.Equal(unbroken.RunDetails.Select(Numbers), resumed.RunDetails.Select(Numbers));
        Assert.Equal(Scores(unbroken.BestRun.Model!), Scores(resumed.BestRun.Model!));
    }

    [Fact]
    public void A_cancelled_experiment_keeps_what_it_has()
    {
        using var cancellation = new CancellationTokenSource();
        var updates = 0;

        using var result = Execute(Settings with
        {
            CancellationToken = cancellation.Token,
            TrialProgress = (_, _) => { if (++updates == 10) cancellation.Cancel(); },
        });

        Assert.Equal(
            [(8, DepthRunStatus.OutOfTime, 2), (14, DepthRunStatus.OutOfTime, 1)],
            result.RunDetails.OrderBy(run => run.Trial.Depth).Select(run => (run.Trial.Depth, run.Status, run.Epochs.Count)));
    }

    [Fact]
    public void An_experiment_that_is_cancelled_before_its_first_epoch_throws()
    {
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => Execute(Settings with { CancellationToken = cancellation.Token, TrialProgress = (_, _) => cancellation.Cancel() }));
    }

    [Fact]
    public void The_time_ends_within_a_run()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();

        using var result = Execute(Settings with
        {
            Depths = [8],
            Training = Settings.Training with { Epochs = 100_000 },
            MaximumExperimentTime = TimeSpan.FromSeconds(3),
        });

        Assert.Equal(DepthRunStatus.OutOfTime, result.BestRun.Status);
        Assert.InRange(clock.Elapsed.TotalSeconds, 2.9, 30);
    }

    [Fact]
    public void A_time_too_short_for_one_epoch_says_so()
    {
        var exception = Assert.Throws<TimeoutException>(() => Execute(Settings with
        {
            MaximumExperimentTime = TimeSpan.FromSeconds(1),
            TrialProgress = (_, _) => Thread.Sleep(TimeSpan.FromSeconds(1)),
        }));

        Assert.Contains("MaximumExperimentTime, which is 00:00:01", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_above_the_latency_limit_are_refused_by_name()
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Execute(Settings with { MaximumLatency = TimeSpan.FromTicks(1), ComparesPlainTraining = false }));

        Assert.Contains("No network scores an image within MaximumLatency, 0.0001 ms; the fastest is ResNet-", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_fail_are_told_and_do_not_end_the_others()
    {
        // A rate that spoils the weights.
        var exception = Assert.Throws<InvalidOperationException>(() => Execute(Settings with { Training = Settings.Training with { LearningRate = 100, Normalization = Normalization.None } }));

        Assert.StartsWith("No run succeeded. ResNet-8: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, reported.Count(run => !run.IsComparison && run.Status == DepthRunStatus.Failed && run.Exception is not null));
    }

    [Fact]
    public void At_most_so_many_models_are_tried_the_cheapest_first()
    {
        using var result = Execute(Settings with { Depths = [14, 8], MaximumModels = 1, ComparesPlainTraining = false });

        Assert.Equal(8, Assert.Single(result.RunDetails).Trial.Depth);
    }

    [Fact]
    public void A_depth_that_does_not_exist_is_refused_before_anything_is_trained()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Execute(Settings with { Depths = [8, 9] }));

        Assert.Contains("Depth is 9", exception.Message, StringComparison.Ordinal);
        Assert.Empty(reported);
    }

    [Fact]
    public void A_deeper_network_may_start_where_a_shallower_one_stands()
    {
        var settings = Settings with { ComparesPlainTraining = false, Halvings = 0, Training = Settings.Training with { LearningRate = 1e-9, Epochs = 1 } };
        using var anew = Execute(settings);
        using var warm = Execute(settings with { WarmStart = true });

        // At a rate of next to nothing a network ends with the weights it started with.
        Assert.NotEqual(LastWeights(anew, 8), LastWeights(anew, 14));
        Assert.Equal(LastWeights(warm, 8), LastWeights(warm, 14), (expected, actual) => Math.Abs(expected - actual) < 1e-6);

        static IEnumerable<float> LastWeights(DepthExperimentResult result, int depth)
        {
            var classifier = result.RunDetails.Single(run => run.Trial.Depth == depth).Classifier!;
            using var layout = new ImageNetwork(new NetworkArchitecture { Backbone = new ResNet(depth) { Width = 4 }, Image = new ImageShape(3, 12, 12), ClassCount = 3 }, torch.CPU);
            Assert.True(classifier.WarmStart(layout));
            return layout.named_parameters().Single(entry => entry.name == "fc.weight").parameter.data<float>().ToArray();
        }
    }

    [Fact]
    public void The_report_ranks_the_runs_and_names_the_settings()
    {
        using var result = Execute(Settings);

        var lines = result.ToMarkdown().Split('\n');

        Assert.StartsWith($"# The depth worth its cost: ResNet-{result.BestRun.Trial.Depth}", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith($"| 1 | **ResNet-{result.BestRun.Trial.Depth}** | 4 | Batch |", StringComparison.Ordinal) && line.EndsWith("| completed |", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("| 2 | ", StringComparison.Ordinal) && line.EndsWith("| stopped early |", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line.StartsWith("|  | plain ResNet-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_stays_behind()
    {
        Execute(Settings).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Execute(Settings).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => pictures.Dispose();

    private IDataView View => pictures.View(ml);

    private DepthExperimentResult Execute(DepthExperimentSettings settings)
    {
        reported.Clear();
        return ml.Adversarial().CreateDepthExperiment(settings).Execute(View, View, ToyPictures.Preparation(ml), new Reporter(reported));
    }

    private List<float[]> Scores(ITransformer model) => [.. model.Transform(View).GetColumn<float[]>("Score")];

    private static (DepthTrial, DepthRunStatus, double, int?, string) Numbers(DepthRunDetail run) =>
        (run.Trial, run.Status, run.Metric, run.BestEpoch, string.Join(';', run.Epochs));

    private sealed class Reporter(List<DepthRunDetail> runs) : IProgress<DepthRunDetail>
    {
        public void Report(DepthRunDetail value) => runs.Add(value);
    }
}
