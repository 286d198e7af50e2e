using Microsoft.ML.Adversarial.Tests.Components;
using Microsoft.ML.Adversarial.Tests.Distributed;

namespace Microsoft.ML.Adversarial.Tests.Selection;

/// <summary>Ranks that share an experiment find what one process finds, and all have all networks.</summary>
public sealed class SharedExperimentTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly ToyPictures pictures = new(perClass: 6);

    /// <summary>3 + 2 + 3 runs.</summary>
    private DepthExperimentSettings Settings => new()
    {
        Depths = [8, 14],
        Widths = [4, 6],
        MaximumModels = 3,
        Training = ToyPictures.QuickOptions with { Epochs = 2, BatchSize = 6 },
    };

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void Every_rank_has_the_runs_and_the_networks_of_one_process_and_trains_a_part_of_them()
    {
        const int Ranks = 3;
        var updates = new int[Ranks];
        using var alone = Execute(Settings);

        var together = ThreadGroup.Run(Ranks, group => Execute(Settings with { Distributed = group, CheckpointDirectory = Folder("shared"), TrialProgress = (_, _) => updates[group.Rank]++ }));

        foreach (var rank in together)
        {
            AssertSame(alone, rank);
            Assert.Equal(together[0].RunDetails.Select(run => (run.Latency, run.TrainingTime)), rank.RunDetails.Select(run => (run.Latency, run.TrainingTime)));
            rank.Dispose();
        }
        // 3 batches an epoch; in the first round 3 networks for one epoch, in the second 2 for one more, and 3 plain ones for two.
        Assert.Equal(3 * (3 + 2 + 6), updates.Sum());
        Assert.True(updates.Count(count => count > 0) >= 2);
    }

    [Fact]
    public void Events_are_those_of_the_rank_that_trained()
    {
        var settings = Settings with { Widths = null, ComparesPlainTraining = false, Halvings = 0, CheckpointDirectory = Folder("events"), Training = Settings.Training with { Epochs = 1, EventDirectory = Folder("log") } };

        foreach (var result in ThreadGroup.Run(2, group => Execute(settings with { Distributed = group })))
            result.Dispose();

        Assert.All(Directory.GetDirectories(Folder("log")), run => Assert.Single(Directory.GetFiles(run)));
        Assert.Equal(2, Directory.GetDirectories(Folder("log")).Length);
    }

    [Fact]
    public void Where_one_rank_is_stopped_all_have_what_there_is_and_others_go_on_with_it()
    {
        var settings = Settings with { CheckpointDirectory = Folder("stopped"), ComparesPlainTraining = false };
        using var alone = Execute(settings with { CheckpointDirectory = null });
        using var stop = new CancellationTokenSource();

        var stopped = ThreadGroup.Run(2, group => Execute(settings with
        {
            Distributed = group,
            CancellationToken = group.Rank == 1 ? stop.Token : default,
            TrialProgress = (_, metrics) => Stop(group.Rank == 1 && metrics is { Epoch: 1, Batch: 3 }),
        }));
        Assert.Contains(stopped[0].RunDetails, run => run.Status == DepthRunStatus.OutOfTime);
        AssertSame(stopped[0], stopped[1]);

        var resumed = ThreadGroup.Run(3, group => Execute(settings with { Distributed = group }));
        foreach (var result in resumed)
            AssertSame(alone, result);
        foreach (var result in stopped.Concat(resumed))
            result.Dispose();

        void Stop(bool now)
        {
            if (now)
                stop.Cancel();
        }
    }

    [Fact]
    public void What_a_network_fails_by_every_rank_learns()
    {
        var failing = Settings with { Widths = null, Training = Settings.Training with { Epochs = 4, LearningRate = 100, Normalization = Normalization.None }, CheckpointDirectory = Folder("failing") };

        var failures = Assert.Throws<AggregateException>(() => ThreadGroup.Run(2, group => Execute(failing with { Distributed = group }))).InnerExceptions;

        Assert.Equal(2, failures.Count);
        Assert.All(failures, failure => Assert.StartsWith("No run succeeded. ResNet-8: ", failure.Message, StringComparison.Ordinal));
        Assert.Single(failures, failure => failure.Message.StartsWith("No run succeeded. ResNet-8: In another rank, InvalidOperationException: Training diverged", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rank_that_sees_another_directory_ends_all_and_says_so()
    {
        var failure = Assert.Throws<AggregateException>(() => ThreadGroup.Run(2, group => Execute(Settings with { Distributed = group, CheckpointDirectory = Folder($"of-{group.Rank}") })));

        Assert.StartsWith("Rank 1 of 2 ends the job: InvalidDataException: CheckpointDirectory '", failure.Message, StringComparison.Ordinal);
        Assert.Contains("is empty in rank 1, though rank 0 has written there; expected a directory that all ranks see.", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("and CheckpointDirectory is null; expected a directory that all ranks see", false)]
    [InlineData("and WarmStart is true, under which networks wait for shallower ones", true)]
    public void What_ranks_cannot_do_together_is_refused_by_name(string message, bool warmStart)
    {
        var settings = Settings with { WarmStart = warmStart, CheckpointDirectory = warmStart ? "somewhere" : null };

        Assert.All(
            Assert.Throws<AggregateException>(() => ThreadGroup.Run(2, group => ml.Adversarial().CreateDepthExperiment(settings with { Distributed = group }))).InnerExceptions,
            exception => Assert.Contains(message, Assert.IsType<ArgumentException>(exception).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_dearest_trial_comes_first_and_goes_to_the_rank_that_has_least_to_do() =>
        Assert.Equal([1, 1, 1, 0], SharedTrials.Turns([1, 2, 3, 10], ranks: 2));

    private static void AssertSame(DepthExperimentResult expected, DepthExperimentResult actual)
    {
        Assert.Equal(expected.RunDetails.Select(Numbers), actual.RunDetails.Select(Numbers));
        Assert.Equal(expected.BestRun.Trial, actual.BestRun.Trial);
        foreach (var (one, other) in expected.RunDetails.Zip(actual.RunDetails))
            Assert.Equal(Weights(one), Weights(other));
    }

    private static (DepthTrial Trial, DepthRunStatus Status, int? Best, int Epochs, double Loss, long Robust) Numbers(DepthRunDetail run) =>
        (run.Trial, run.Status, run.BestEpoch, run.Epochs.Count, run.Epochs.Sum(epoch => epoch.Loss), run.Epochs.Sum(epoch => epoch.RobustCorrect));

    private static string Weights(DepthRunDetail run)
    {
        using var file = new MemoryStream();
        run.Classifier?.ExportOnnx(file);
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file.ToArray()));
    }

    private string Folder(string name) => Path.Combine(pictures.Folder, name);

    private DepthExperimentResult Execute(DepthExperimentSettings settings)
    {
        var context = new MLContext(seed: 1);
        return context.Adversarial().CreateDepthExperiment(settings).Execute(pictures.View(context), pictures.View(context), ToyPictures.Preparation(context));
    }
}
