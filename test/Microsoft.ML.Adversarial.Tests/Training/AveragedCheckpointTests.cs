using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Averages survive a break.</summary>
public sealed class AveragedCheckpointTests : IDisposable
{
    private static readonly PgdAttack Attack = new(Budget.LInf(16)) { Steps = 1 };

    private readonly string folder = Directory.CreateTempSubdirectory("averaged-").FullName;

    private static TrainingOptions Options { get; } = TinyProblem.Options with
    {
        Epochs = 3,
        Normalization = Normalization.MixtureBatch,
        Method = new AdversarialTraining(Attack) { CleanRatio = 0.5 },
    };

    /// <summary>In the first and in a later epoch, at the end of one, before and after a stochastic average's start.</summary>
    [Theory]
    [InlineData("exponential", false, 1)]
    [InlineData("exponential", false, 5)]
    [InlineData("exponential", true, 5)]
    [InlineData("stochastic", false, 2)]
    [InlineData("stochastic", false, 6)]
    [InlineData("stochastic", false, 7)]
    [InlineData("stochastic", true, 2)]
    [InlineData("stochastic", true, 8)]
    public void A_resumed_run_ends_with_the_average_of_an_unbroken_one_bit_for_bit(string kind, bool selects, int updates)
    {
        var options = Options with
        {
            Averaging = kind == "exponential" ? WeightAveraging.Exponential(0.9) : WeightAveraging.Stochastic(2),
            Selection = selects ? new ModelSelection(Attack) : null,
        };
        using var unbroken = Network();
        var expected = Train(unbroken, options);
        using (var first = Network())
            Assert.Throws<OperationCanceledException>(() => Train(first, options with { Checkpoints = new CheckpointOptions(folder) }, updates));
        using var resumed = ImageNetwork.Create(unbroken.Architecture, CPU, new Seed(77));

        var outcome = Train(resumed, options with { ResumeFrom = folder });

        Assert.Equivalent(expected.Epochs, outcome.Epochs, strict: true);
        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
    }

    /// <summary>
    /// The attack on the first batch of an estimate cancels the run: with a selection that of the second epoch, which is half of the average already and must not enter it
    /// twice (six updates and the first epoch's estimate lie before it), otherwise the only one, behind nine updates.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_stopped_while_it_estimates_statistics_ends_as_an_unbroken_one_too(bool selects)
    {
        const int attacksBefore = 9;
        using var cancellation = new CancellationTokenSource();
        var (attacks, cancelAt) = (0, int.MaxValue);
        var attack = new RecordingAttack(Attack, (_, _) =>
        {
            if (attacks++ == cancelAt)
                cancellation.Cancel();
        });
        var options = Options with
        {
            Averaging = WeightAveraging.Stochastic(1),
            Method = new AdversarialTraining(attack) { CleanRatio = 0.5 },
            Selection = selects ? new ModelSelection(Attack) : null,
        };
        using var unbroken = Network();
        Train(unbroken, options);
        (attacks, cancelAt) = (0, attacksBefore);
        using (var first = Network())
            Assert.Throws<OperationCanceledException>(() => Train(first, options with { Checkpoints = new CheckpointOptions(folder) }, cancellation: cancellation));
        cancelAt = int.MaxValue;
        using var resumed = Network();

        Train(resumed, options with { ResumeFrom = folder });

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
    }

    [Fact]
    public void A_checkpoint_without_an_average_is_refused_by_a_run_with_one_and_the_other_way_round()
    {
        var averaged = Options with { Averaging = WeightAveraging.Exponential() };
        Run(Options, "without");
        Run(averaged, "with");

        Assert.Contains("its averaging is none there, ExponentialAveraging here.", Refused(averaged, "without"), StringComparison.Ordinal);
        Assert.Contains("its averaging is ExponentialAveraging there, none here.", Refused(Options, "with"), StringComparison.Ordinal);

        void Run(TrainingOptions options, string name)
        {
            using var network = Network();
            Train(network, options with { Checkpoints = new CheckpointOptions(Path.Combine(folder, name)) });
        }

        string Refused(TrainingOptions options, string name)
        {
            using var network = Network();
            return Assert.Throws<InvalidDataException>(() => Train(network, options with { ResumeFrom = Path.Combine(folder, name) })).Message;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ImageNetwork Network() => TinyProblem.Network(Normalization.MixtureBatch);

    private static TrainingOutcome Train(ImageNetwork network, TrainingOptions options, int stopAfter = int.MaxValue, CancellationTokenSource? cancellation = null)
    {
        using var own = new CancellationTokenSource();
        var stop = cancellation ?? own;
        var updates = 0;
        return TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3,
            _ =>
            {
                if (++updates == stopAfter)
                    stop.Cancel();
            },
            cancellation: stop.Token, validation: () => TinyProblem.Batches(100, 4, 5));
    }
}
