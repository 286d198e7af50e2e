using Microsoft.ML.Adversarial.Tests.Networks;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a run does with the precisions of its options.</summary>
public sealed class TrainingPrecisionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("precision-").FullName;

    private static TrainingOptions Options { get; } = TinyProblem.Options with { Epochs = 3, Method = TinyProblem.Pgd(3) };

    [Theory]
    [InlineData(Precision.BFloat16, Precision.Single)]
    [InlineData(Precision.Single, Precision.BFloat16)]
    [InlineData(Precision.BFloat16, Precision.BFloat16)]
    public void A_run_in_bfloat16_learns_as_well_and_can_be_repeated_bit_for_bit(Precision crafting, Precision update)
    {
        var exact = Train(Options with { Epochs = 6 });
        var rounded = Train(Options with { Epochs = 6, CraftingPrecision = crafting, UpdatePrecision = update });
        var again = Train(Options with { Epochs = 6, CraftingPrecision = crafting, UpdatePrecision = update });

        Assert.Equal(rounded.State, again.State);
        Assert.NotEqual(exact.State, rounded.State);
        Assert.InRange(rounded.Last.RobustAccuracy, 0.8, 1);
    }

    [Theory]
    [InlineData(Precision.Single)]
    [InlineData(Precision.BFloat16)]
    public void A_run_that_goes_on_keeps_the_precision_that_was_chosen_before(Precision before)
    {
        var stated = Options with { CraftingPrecision = before };
        var unbroken = Train(stated);
        Train(stated with { Checkpoints = new CheckpointOptions(folder), PauseAfterEpoch = 1 });

        var resumed = Train(Options with { CraftingPrecision = Precision.Automatic, ResumeFrom = folder });

        Assert.Equal(unbroken.State, resumed.State);
    }

    [Fact]
    public void A_run_in_another_precision_is_another_run()
    {
        Train(Options with { CraftingPrecision = Precision.BFloat16, Checkpoints = new CheckpointOptions(folder), PauseAfterEpoch = 1 });

        var crafting = Assert.Throws<InvalidDataException>(() => Train(Options with { ResumeFrom = folder }));
        var update = Assert.Throws<InvalidDataException>(() => Train(Options with { CraftingPrecision = Precision.Automatic, UpdatePrecision = Precision.BFloat16, ResumeFrom = folder }));

        Assert.Contains("its crafting precision is BFloat16 there, Single here", crafting.Message, StringComparison.Ordinal);
        Assert.Contains("its update precision is Single there, BFloat16 here", update.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_is_to_choose_it_says_what_it_chose_and_why_and_computes_in_that()
    {
        var said = new List<string>();
        var automatic = Train(Options with { CraftingPrecision = Precision.Automatic, Checkpoints = new CheckpointOptions(folder) }, said.Add);

        var message = Assert.Single(said);
        var choice = Checkpoint.CraftingPrecisionOf(CheckpointStore.Find(folder)!);
        Assert.StartsWith($"Crafting in {choice}: attacks are ", message, StringComparison.Ordinal);
        Assert.Equal(Train(Options with { CraftingPrecision = choice }).State, automatic.State);
    }

    [Fact]
    public void The_probe_goes_by_the_gain_and_leaves_the_network_alone()
    {
        using var network = TinyNetworks.Trained(TinyNetworks.Mixture);
        var before = TinyNetworks.State(network);

        var (gain, choice) = PrecisionProbe.Ask(network, batchSize: 4);

        Assert.InRange(gain, 0.001, 1000);
        Assert.Equal(gain >= 1.1 ? Precision.BFloat16 : Precision.Single, choice);
        Assert.Equal(before, TinyNetworks.State(network));
    }

    [Fact]
    public void An_update_and_a_search_do_not_choose_for_themselves()
    {
        var update = Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptions { UpdatePrecision = Precision.Automatic });
        var search = Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessEvaluationOptions { SearchPrecision = Precision.Automatic });

        Assert.StartsWith("UpdatePrecision must be Single or BFloat16; it is Automatic.", update.Message, StringComparison.Ordinal);
        Assert.StartsWith("SearchPrecision must be Single or BFloat16; it is Automatic.", search.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrainingOptions { CraftingPrecision = (Precision)7 });
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static (Dictionary<string, byte[]> State, TrainingMetrics Last) Train(TrainingOptions options, Action<string>? inform = null)
    {
        using var network = TinyProblem.Network();
        TrainingMetrics? last = null;
        new TrainingRun(network, options, new Seed(1), TimeProvider.System) { Inform = inform }.Train(
            (epoch, first) => TinyProblem.Batches(0, 24, 24, 24).Skip(first), 3, new Relay(metrics => last = metrics), TestContext.Current.CancellationToken);
        return (TinyNetworks.State(network), last!);
    }

    private sealed class Relay(Action<TrainingMetrics> report) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => report(value);
    }
}
