using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The model of a run is the average of its weights; the run itself is what it is without one.</summary>
public class WeightAveragingTests
{
    private const int BatchesPerEpoch = 3;

    private static readonly PgdAttack Attack = new(Budget.LInf(8)) { Steps = 2 };

    private static TrainingOptions Options { get; } = TinyProblem.Options with
    {
        Epochs = 4,
        Normalization = Normalization.MixtureBatch,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(16)) { Steps = 2 }) { CleanRatio = 0.5 },
    };

    public static TheoryData<string> Kinds => ["exponential", "stochastic"];

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    /// <summary>
    /// With t updates done tau is the lower of 0.24 and (1 + t)/(10 + t), so 2/11, then 0.24 (below 3/12), then 0.24: the average is
    /// a1 = 2/11 w0 + 9/11 w1, a2 = 0.24 a1 + 0.76 w2, a3 = 0.24 a2 + 0.76 w3.
    /// </summary>
    [Fact]
    public void An_exponential_average_is_what_the_hand_computes_over_three_updates_from_its_warm_up_on()
    {
        using var network = Network();
        var weights = new List<Dictionary<string, float[]>> { Values(network) };

        Train(network, Options with { Epochs = 1, Averaging = WeightAveraging.Exponential(0.24) }, report: _ => weights.Add(Values(network)));

        foreach (var (name, actual) in Values(network))
            for (var i = 0; i < actual.Length; i++)
            {
                var first = 2.0 / 11 * weights[0][name][i] + 9.0 / 11 * weights[1][name][i];
                var second = 0.24 * first + 0.76 * weights[2][name][i];
                Assert.Equal(0.24 * second + 0.76 * weights[3][name][i], actual[i], 1e-6);
            }
    }

    /// <summary>tau is (1 + t)/(10 + t) up to the decay: 0.995 is reached at 1790 updates.</summary>
    [Theory]
    [InlineData(1, 2.0 / 11)]
    [InlineData(100, 101.0 / 110)]
    [InlineData(1780, 1781.0 / 1790)]
    [InlineData(1795, 0.995)]
    [InlineData(1_000_000, 0.995)]
    public void The_default_forgets_the_first_weights_soon(long updates, double tau) =>
        Assert.Equal(1 - tau, WeightAveraging.Exponential().ShareAfterUpdate(updates), 1e-12);

    [Fact]
    public void Running_statistics_beside_an_exponential_average_are_the_networks_own_bit_for_bit()
    {
        using var network = Network();
        Dictionary<string, byte[]> live = [];

        Train(network, Options with { Averaging = WeightAveraging.Exponential(0.9) }, report: _ => live = TinyNetworks.State(network));

        var averaged = TinyNetworks.State(network);
        Assert.All(network.named_buffers(), buffer => Assert.Equal(live[buffer.name], averaged[buffer.name]));
        Assert.All(network.named_parameters(), parameter => Assert.NotEqual(live[parameter.name], averaged[parameter.name]));
    }

    [Fact]
    public void A_stochastic_average_is_the_mean_of_the_weights_at_the_epochs_ends_from_its_start_on()
    {
        using var network = Network();
        var ends = new List<Dictionary<string, float[]>>();

        Train(
            network, Options with { Averaging = WeightAveraging.Stochastic(2) },
            report: metrics =>
            {
                if (metrics.Batch == BatchesPerEpoch)
                    ends.Add(Values(network));
            });

        foreach (var (name, actual) in Values(network))
            for (var i = 0; i < actual.Length; i++)
                Assert.Equal(ends.Skip(1).Average(end => (double)end[name][i]), actual[i], 1e-6);
    }

    /// <summary>An average that begins with the last epoch is that epoch's weights, bit for bit.</summary>
    [Fact]
    public void A_stochastic_average_of_one_epoch_is_its_weights()
    {
        using var plain = Network();
        Train(plain, Options);
        using var network = Network();

        Train(network, Options with { Averaging = WeightAveraging.Stochastic(Options.Epochs) });

        var (expected, actual) = (TinyNetworks.State(plain), TinyNetworks.State(network));
        Assert.All(network.named_parameters(), parameter => Assert.Equal(expected[parameter.name], actual[parameter.name]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_run_itself_is_bit_for_bit_what_it_is_without_an_average(string kind)
    {
        var expected = new List<(double, double, double)>();
        using (var plain = Network())
            Train(plain, Options, report: metrics => expected.Add(Numbers(metrics)));
        var actual = new List<(double, double, double)>();
        using var network = Network();

        Train(network, Options with { Averaging = Averaging(kind) }, report: metrics => actual.Add(Numbers(metrics)));

        Assert.Equal(expected, actual);

        static (double, double, double) Numbers(TrainingMetrics metrics) => (metrics.Loss, metrics.CleanAccuracy, metrics.RobustAccuracy);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_selection_measures_the_average_and_returns_the_best_one(string kind)
    {
        using var network = Network();
        var options = Options with { Averaging = Averaging(kind), Selection = new ModelSelection(Attack) };

        var outcome = Train(network, options);

        var best = outcome.Epochs.Single(epoch => epoch.Epoch == outcome.BestEpoch);
        using var frozen = network.Freeze(ImageDomain.Adversarial);
        var again = new RobustnessEvaluator(frozen, [Attack], CPU, new Seed(1).For("validation")).Evaluate(Validation());
        Assert.Equal((best.CleanAccuracy, best.RobustAccuracy), (again.Conditions[0].Tally.Accuracy, again.Conditions[1].Tally.Accuracy));
        using var shorter = Network();
        Train(shorter, options with { Epochs = Math.Max(2, best.Epoch), Selection = null });
        if (best.Epoch >= 2)
            Assert.Equal(TinyNetworks.State(shorter), TinyNetworks.State(network));
    }

    [Fact]
    public void Before_its_start_a_stochastic_average_is_measured_as_the_weights_are()
    {
        using var plain = Network();
        var expected = Train(plain, Options with { Selection = new ModelSelection(Attack) });
        using var network = Network();

        var outcome = Train(network, Options with { Averaging = WeightAveraging.Stochastic(3), Selection = new ModelSelection(Attack) });

        Assert.Equivalent(expected.Epochs.Take(2), outcome.Epochs.Take(2), strict: true);
    }

    [Theory]
    [InlineData("exponential", 1)]
    [InlineData("exponential", 8)]
    [InlineData("stochastic", 11)]
    public void A_stopped_run_returns_the_average_so_far(string kind, int updates)
    {
        using var network = Network();
        Dictionary<string, byte[]> live = [];

        var outcome = Train(
            network, Options with { Averaging = Averaging(kind), WhenStopped = StoppedTraining.ReturnModel }, stopAfter: updates, report: _ => live = TinyNetworks.State(network));

        Assert.Equal(TrainingEnd.Stopped, outcome.End);
        Assert.NotEqual(live["conv1.weight"], TinyNetworks.State(network)["conv1.weight"]);
    }

    [Fact]
    public void A_run_stopped_before_a_stochastic_average_begins_returns_the_last_weights()
    {
        using var network = Network();
        Dictionary<string, byte[]> live = [];

        Train(
            network, Options with { Averaging = WeightAveraging.Stochastic(3), WhenStopped = StoppedTraining.ReturnModel }, stopAfter: 5, report: _ => live = TinyNetworks.State(network));

        Assert.Equal(live, TinyNetworks.State(network));
    }

    [Theory]
    [InlineData("exponential", false)]
    [InlineData("stochastic", false)]
    [InlineData("stochastic", true)]
    public void A_run_with_an_average_leaves_as_many_tensors_as_it_found_and_never_holds_more_for_being_longer(string kind, bool selects)
    {
        using var network = Network();
        var before = Live;
        var counts = new List<long>();
        var options = Options with { Averaging = Averaging(kind), Selection = selects ? new ModelSelection(Attack) : null };

        Train(network, options, report: _ => counts.Add(Live));

        Assert.Equal(before, Live);
        Assert.Single(counts.Distinct());
    }

    [Fact]
    public void Values_outside_their_range_are_refused_where_they_are_set_and_a_start_behind_the_end_before_the_run()
    {
        Assert.Contains("decay must be from 0 to 0.9999999; it is 1.", Assert.Throws<ArgumentOutOfRangeException>(() => WeightAveraging.Exponential(1)).Message, StringComparison.Ordinal);
        Assert.Contains("it is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => WeightAveraging.Exponential(double.NaN)).Message, StringComparison.Ordinal);
        Assert.Contains("startEpoch must be from 1 to 100000; it is 0.", Assert.Throws<ArgumentOutOfRangeException>(() => WeightAveraging.Stochastic(0)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "Averaging begins with epoch 5; expected at most Epochs, which is 4.",
            Assert.Throws<ArgumentException>((Options with { Averaging = WeightAveraging.Stochastic(5) }).Check).Message);
        (Options with { Averaging = WeightAveraging.Stochastic(4) }).Check();
        Assert.Null(new TrainingOptions().Averaging);
    }

    [Fact]
    public void An_averaging_says_what_it_is()
    {
        Assert.Equal("exponential average of decay 0.995", WeightAveraging.Exponential().ToString());
        Assert.Equal("equal average from epoch 75 on", WeightAveraging.Stochastic(75).ToString());
        Assert.Equal(WeightAveraging.Stochastic(75), WeightAveraging.Stochastic(75));
    }

    private static WeightAveraging Averaging(string kind) => kind == "exponential" ? WeightAveraging.Exponential(0.5) : WeightAveraging.Stochastic(2);

    private static ImageNetwork Network() => TinyProblem.Network(Normalization.MixtureBatch);

    private static IEnumerable<ImageBatch> Validation() => TinyProblem.Batches(100, 4, 5);

    private static TrainingOutcome Train(ImageNetwork network, TrainingOptions options, int stopAfter = int.MaxValue, Action<TrainingMetrics>? report = null)
    {
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        return TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 3), BatchesPerEpoch,
            metrics =>
            {
                report?.Invoke(metrics);
                if (++updates == stopAfter)
                    cancellation.Cancel();
            },
            cancellation: cancellation.Token, validation: Validation);
    }

    private static Dictionary<string, float[]> Values(ImageNetwork network)
    {
        using var scope = NewDisposeScope();
        return network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().contiguous().data<float>().ToArray());
    }
}
