namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The time limit is seen wherever a run spends time: in updates, in validation, in the estimate of statistics.</summary>
public sealed class TrainingTimeTests : IDisposable
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 1 };

    private readonly string directory = Directory.CreateTempSubdirectory("time-").FullName;

    private static TrainingOptions Options { get; } = TinyProblem.Options with { Epochs = 3, Method = new AdversarialTraining(Pgd), MaximumTrainingTime = TimeSpan.FromHours(1) };

    [Fact]
    public void A_time_limit_stops_a_run_between_two_updates_and_leaves_a_checkpoint()
    {
        var clock = new ManualClock();
        var updates = 0;

        var exception = Assert.Throws<OperationCanceledException>(
            () => Train(Options with { Checkpoints = new CheckpointOptions(directory) }, clock, () => clock.RunOut(after: 2, ref updates)));

        Assert.Equal("Training took all of MaximumTrainingTime, which is 01:00:00.", exception.Message);
        Assert.Equal(2, updates);
        Assert.Equal(["checkpoint-000000-00000002.zip"], Directory.GetFiles(directory).Select(Path.GetFileName));
        Assert.Equal(TimeSpan.FromHours(1), clock.Due);
    }

    /// <summary>Two batches to validate on: the attack on the first of the second epoch's ends the time, and the second is not attacked.</summary>
    [Fact]
    public void A_time_limit_is_seen_in_the_middle_of_a_validation()
    {
        var clock = new ManualClock();
        var attacks = 0;
        var attack = new RecordingAttack(Pgd, (_, _) => clock.RunOut(after: 3, ref attacks));

        var outcome = Train(Options with { Selection = new ModelSelection(attack), WhenStopped = StoppedTraining.ReturnModel }, clock);

        Assert.Equal((3, TrainingEnd.Stopped, 1, 1), (attacks, outcome.End, outcome.Epochs.Count, outcome.BestEpoch));
    }

    /// <summary>The attacks of nine updates, and then the estimate's.</summary>
    [Fact]
    public void A_time_limit_is_seen_in_the_middle_of_an_estimate_of_statistics()
    {
        var clock = new ManualClock();
        var attacks = 0;
        var attack = new RecordingAttack(Pgd, (_, _) => clock.RunOut(after: 10, ref attacks));

        Assert.Throws<OperationCanceledException>(() => Train(Options with { Averaging = WeightAveraging.Stochastic(1), Method = new AdversarialTraining(attack) }, clock));

        Assert.Equal(10, attacks);
    }

    [Fact]
    public void A_limit_beyond_what_a_timer_takes_is_refused() =>
        Assert.StartsWith("MaximumTrainingTime must be at most 49.00:00:00;", Assert.Throws<ArgumentOutOfRangeException>(() => Options with { MaximumTrainingTime = TimeSpan.FromDays(50) }).Message, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private static TrainingOutcome Train(TrainingOptions options, TimeProvider clock, Action? afterUpdate = null)
    {
        using var network = TinyProblem.Network();
        return TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3, _ => afterUpdate?.Invoke(), clock: clock, validation: () => TinyProblem.Batches(100, 4, 5));
    }

    /// <summary>Time is over when a test says so.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private Action? over;

        public TimeSpan Due { get; private set; }

        public void RunOut(int after, ref int count)
        {
            if (++count == after)
                over!();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (Due, over) = (dueTime, () => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
