using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

public sealed class ModelSelectionTests : IDisposable
{
    private static readonly PgdAttack Attack = new(Budget.LInf(8)) { Steps = 2 };

    private readonly string folder = Directory.CreateTempSubdirectory("selection-").FullName;

    /// <summary>Two epochs that learn, then a rate that ruins what was learned.</summary>
    private static TrainingOptions Options { get; } = TinyProblem.Options with
    {
        Epochs = 5,
        LearningRate = 5,
        Schedule = new Ruin(),
        Selection = new ModelSelection(Attack),
        Method = TinyProblem.Pgd(2),
    };

    [Fact]
    public void The_best_epochs_weights_come_back_and_measure_again_what_was_recorded_exactly()
    {
        using var network = TinyProblem.Network();

        var outcome = Train(network, Options);

        var best = outcome.Epochs.Single(epoch => epoch.Epoch == outcome.BestEpoch);
        Assert.Equal(5, outcome.Epochs.Count);
        Assert.InRange(outcome.BestEpoch!.Value, 1, 3);
        Assert.True(best.RobustAccuracy > outcome.Epochs[^1].RobustAccuracy + 0.2, $"{best.RobustAccuracy} {outcome.Epochs[^1].RobustAccuracy}");
        using var frozen = network.Freeze(ImageDomain.Adversarial);
        var again = new RobustnessEvaluator(frozen, [Attack], CPU, new Seed(1).For("validation")).Evaluate(Validation());
        Assert.Equal((best.CleanAccuracy, best.RobustAccuracy, 9L), (again.Conditions[0].Tally.Accuracy, again.Conditions[1].Tally.Accuracy, best.Examples));
    }

    [Fact]
    public void The_weights_are_those_of_a_run_that_ends_with_the_best_epoch()
    {
        using var network = TinyProblem.Network();
        var outcome = Train(network, Options);
        using var shorter = TinyProblem.Network();

        Train(shorter, Options with { Epochs = outcome.BestEpoch!.Value, Selection = null });

        Assert.Equal(TinyNetworks.State(shorter), TinyNetworks.State(network));
    }

    [Fact]
    public void Patience_ends_a_run_that_gets_no_better()
    {
        using var network = TinyProblem.Network();

        var outcome = Train(network, Options with { Epochs = 50, Selection = new ModelSelection(Attack) { Patience = 2 } });

        Assert.Equal(TrainingEnd.Completed, outcome.End);
        Assert.Equal(outcome.BestEpoch + 2, outcome.Epochs[^1].Epoch);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(14)]
    public void A_resumed_run_selects_as_an_unbroken_one_bit_for_bit(int updates)
    {
        using var unbroken = TinyProblem.Network();
        var expected = Train(unbroken, Options);
        using (var first = TinyProblem.Network())
            Assert.Throws<OperationCanceledException>(() => Train(first, Options with { Checkpoints = new CheckpointOptions(folder) }, updates));
        using var resumed = TinyProblem.Network(seed: 9);

        var outcome = Train(resumed, Options with { ResumeFrom = folder });

        Assert.Equivalent(expected.Epochs, outcome.Epochs, strict: true);
        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
    }

    /// <summary>Epochs 4 and 5 ruin what was learned: the best one is neither of the newest two.</summary>
    [Fact]
    public void The_checkpoint_of_the_best_epoch_stays_beside_the_newest_and_the_newest_is_gone_on_from()
    {
        using var network = TinyProblem.Network();
        var options = Options with { Checkpoints = new CheckpointOptions(folder) { Keep = 2 } };

        var outcome = Train(network, options);

        string[] names = [Name(outcome.BestEpoch!.Value), Name(4), Name(5)];
        Assert.Equal(names, Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal(Name(5), Path.GetFileName(CheckpointStore.Find(folder)));
        using var resumed = TinyProblem.Network(seed: 9);
        var again = Train(resumed, options with { Checkpoints = null, ResumeFrom = Path.Combine(folder, names[0]) });
        Assert.Equivalent(outcome.Epochs, again.Epochs, strict: true);
        Assert.Equal(TinyNetworks.State(network), TinyNetworks.State(resumed));

        static string Name(int epochs) => $"checkpoint-{epochs:d6}-00000000.zip";
    }

    [Fact]
    public void A_better_epoch_takes_the_place_of_the_best_checkpoint()
    {
        using var network = TinyProblem.Network();
        var options = Options with
        {
            LearningRate = 0.05,
            Schedule = LearningRateSchedule.Steps([]),
            Selection = new ModelSelection(Attack) { Metric = SelectionMetric.HarmonicMean },
            Checkpoints = new CheckpointOptions(folder) { Keep = 1 },
        };

        var outcome = Train(network, options);

        Assert.True(outcome.BestEpoch > 1);
        var kept = new SortedSet<int> { outcome.BestEpoch.Value, 5 };
        Assert.Equal(kept.Select(epochs => $"checkpoint-{epochs:d6}-00000000.zip"), Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_stopped_run_returns_the_best_model_so_far()
    {
        using var network = TinyProblem.Network();

        var outcome = Train(network, Options with { WhenStopped = StoppedTraining.ReturnModel }, stopAfter: 13);

        Assert.Equal(TrainingEnd.Stopped, outcome.End);
        Assert.Equal(4, outcome.Epochs.Count);
        using var shorter = TinyProblem.Network();
        Train(shorter, Options with { Epochs = outcome.BestEpoch!.Value, Selection = null });
        Assert.Equal(TinyNetworks.State(shorter), TinyNetworks.State(network));
    }

    [Theory]
    [InlineData(SelectionMetric.CleanAccuracy, 0.8)]
    [InlineData(SelectionMetric.RobustAccuracy, 0.2)]
    [InlineData(SelectionMetric.HarmonicMean, 0.32)]
    public void The_metric_is_what_the_hand_computes(SelectionMetric metric, double expected)
    {
        Assert.Equal(expected, new ModelSelection(Attack) { Metric = metric }.Score(Epoch(1, 80, 20)), 1e-12);
        Assert.Equal(0, new ModelSelection(Attack) { Metric = metric }.Score(Epoch(1, 0, 0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sudden_fall_is_warned_of_at_its_epochs_end_and_may_end_the_run_with_the_weights_before_it(bool stops)
    {
        using var network = TinyProblem.Network();
        var said = new List<string>();
        var epochs = 0;

        var selection = new ModelSelection(Attack) { StopsOnCatastrophicOverfitting = stops, Metric = SelectionMetric.HarmonicMean };
        var outcome = Train(network, Options with { Selection = selection }, warn: message => said.Add($"{epochs}: {message}"), report: metrics => epochs = metrics.Epoch);

        var fall = outcome.Epochs.Zip(outcome.Epochs.Skip(1)).First(pair => pair.First.RobustAccuracy - pair.Second.RobustAccuracy > 0.2).Second;
        Assert.StartsWith($"{fall.Epoch}: Catastrophic overfitting: robust accuracy fell from ", said[0], StringComparison.Ordinal);
        Assert.Equal(stops ? fall.Epoch : 5, outcome.Epochs.Count);
        Assert.True(outcome.BestEpoch < fall.Epoch);
        Assert.Equal(TrainingEnd.Completed, outcome.End);
        using var best = TinyProblem.Network();
        Train(best, Options with { Epochs = outcome.BestEpoch!.Value, Selection = null });
        Assert.Equal(TinyNetworks.State(best), TinyNetworks.State(network));
    }

    [Fact]
    public void A_catastrophic_epoch_that_ends_a_run_is_never_the_best_whatever_the_metric()
    {
        using var network = TinyProblem.Network();
        var selection = new ModelSelection(Attack) { StopsOnCatastrophicOverfitting = true, Metric = SelectionMetric.CleanAccuracy };
        using var best = new BestWeights(network, selection, ImageDomain.Adversarial, Validation, new Seed(1));

        Assert.Equal(1, best.Best([Epoch(1, 50, 40), Epoch(2, 90, 5)])!.Epoch);
        Assert.True(best.IsOver([Epoch(1, 50, 40), Epoch(2, 90, 5)]));
        Assert.False(best.IsOver([Epoch(1, 50, 40), Epoch(2, 90, 35)]));
    }

    [Fact]
    public void Plain_training_has_no_robustness_to_lose()
    {
        using var network = TinyProblem.Network();
        var said = new List<string>();
        var selection = new ModelSelection(Attack);

        Train(network, Options with { Method = new PlainTraining(), Selection = selection }, warn: said.Add);

        Assert.Empty(said);
        var refused = Assert.Throws<ArgumentException>(() => Train(network, Options with { Method = new PlainTraining(), Selection = selection with { StopsOnCatastrophicOverfitting = true } }));
        Assert.StartsWith("The Selection stops on catastrophic overfitting, and PlainTraining trains no robustness", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, null, true)]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, null, false)]
    public void Single_steps_that_nobody_watches_are_warned_of(int steps, int? watching, bool warns)
    {
        using var network = TinyProblem.Network();
        var said = new List<string>();

        Train(network, TinyProblem.Options with { Epochs = 1, Method = TinyProblem.Pgd(steps), Selection = watching is { } several ? new ModelSelection(Attack with { Steps = several }) : null }, warn: said.Add);

        Assert.Equal(warns, said.Exists(message => message.Contains("takes a single step, against which networks come to look robust", StringComparison.Ordinal)));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static EpochMetrics Epoch(int epoch, long clean, long robust) => new() { Epoch = epoch, CleanCorrect = clean, RobustCorrect = robust, Examples = 100 };

    private static IEnumerable<ImageBatch> Validation() => TinyProblem.Batches(100, 4, 5);

    private static TrainingOutcome Train(ImageNetwork network, TrainingOptions options, int stopAfter = int.MaxValue, Action<string>? warn = null, Action<TrainingMetrics>? report = null)
    {
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        return TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 4), 3,
            metrics =>
            {
                report?.Invoke(metrics);
                if (++updates == stopAfter)
                    cancellation.Cancel();
            },
            cancellation: cancellation.Token, validation: Validation, warn: warn);
    }

    /// <summary>A hundredth of the rate for three epochs, then all of it.</summary>
    private sealed record Ruin : LearningRateSchedule
    {
        public override double FactorAt(double epoch, int epochs) => epoch < 3 ? 0.01 : 1;

        protected override void Describe(Identity identity) => identity.AddNothing();
    }
}
