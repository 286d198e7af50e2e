
namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a run tells about itself after every update.</summary>
public class TrainingProgressTests
{
    [Fact]
    public void Every_update_is_reported_with_its_place_in_the_run()
    {
        var reports = Reports(TinyProblem.Options, [4, 4, 2]);

        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], reports.Select(report => (report.Epoch, report.Batch)));
        Assert.All(reports, report => Assert.Equal((2, 3), (report.Epochs, report.Batches)));
    }

    [Fact]
    public void The_rate_is_that_of_the_schedule_at_the_start_of_the_update()
    {
        var reports = Reports(TinyProblem.Options with { Schedule = LearningRateSchedule.Cosine(warmupEpochs: 1), LearningRate = 0.08 }, [4, 4]);

        // Halves of the warm-up's one epoch, then a cosine over the second.
        Assert.Equal([0, 0.04, 0.08, 0.04], reports.Select(report => Math.Round(report.LearningRate, 12)));
    }

    /// <summary>Four images of loss 1, four of 2 and two of 6: 24/10. The average of the batches' averages would be 3.</summary>
    [Fact]
    public void The_loss_is_the_mean_over_the_images_of_the_epoch_so_far()
    {
        var reports = Reports(TinyProblem.Options with { Method = new ScriptedLoss(1, 2, 6, 3, 3, 3) }, [4, 4, 2]);

        Assert.Equal([1, 1.5, 2.4, 3, 3, 3], reports.Select(report => Math.Round(report.Loss, 6)));
    }

    [Fact]
    public void Without_an_attack_there_is_no_adversarial_accuracy()
    {
        Assert.All(Reports(TinyProblem.Options, [4, 2]), report => Assert.True(double.IsNaN(report.RobustAccuracy)));
        Assert.All(Reports(TinyProblem.Options, [4, 2]), report => Assert.InRange(report.CleanAccuracy, 0, 1));
        Assert.All(Reports(TinyProblem.Options with { Method = TinyProblem.Pgd(1) }, [4, 2]), report => Assert.InRange(report.RobustAccuracy, 0, 1));
    }

    /// <summary>Of batches of 4, 4 and 3 images the first and the last are measured: shares of 4, then of 7.</summary>
    [Fact]
    public void Accuracies_count_the_images_of_the_measured_batches()
    {
        var reports = Reports(TinyProblem.Options with { MeasureEvery = 2 }, [4, 4, 3]);

        Assert.All(reports.Where(report => report.Batch < 3), report => Assert.Equal(0, report.CleanAccuracy * 4 % 1));
        Assert.All(reports.Where(report => report.Batch == 3), report => Assert.Equal(0, Math.Round(report.CleanAccuracy * 7, 9) % 1));
        Assert.All([0, 3], first => Assert.Equal(reports[first].CleanAccuracy, reports[first + 1].CleanAccuracy));
    }

    /// <summary>Each batch takes ten seconds of a clock that only the test moves.</summary>
    [Fact]
    public void The_time_left_follows_from_the_pace_so_far()
    {
        var clock = new HandClock();

        var reports = Reports(TinyProblem.Options, [4, 4, 2], clock);

        Assert.Equal([10.0, 20, 30, 40, 50, 60], reports.Select(report => report.Elapsed.TotalSeconds));
        Assert.Equal([50.0, 40, 30, 20, 10, 0], reports.Select(report => Math.Round(report.Remaining.TotalSeconds, 3)));
    }

    private static List<TrainingMetrics> Reports(TrainingOptions options, int[] sizes, HandClock? clock = null)
    {
        using var network = TinyProblem.Network();
        var reports = new List<TrainingMetrics>();
        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, sizes).Select(Delay), sizes.Length, reports.Add, clock: clock);
        return reports;

        T Delay<T>(T batch)
        {
            clock?.Advance(TimeSpan.FromSeconds(10));
            return batch;
        }
    }

    private sealed class HandClock : TimeProvider
    {
        private long ticks = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Advance(TimeSpan time) => ticks += time.Ticks;
    }
}
