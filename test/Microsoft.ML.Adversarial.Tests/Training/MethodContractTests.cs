using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What every training method keeps to, alone and around others.</summary>
public sealed class MethodContractTests : IDisposable
{
    private static readonly NetworkArchitecture Mixture = TinyProblem.Architecture with { Normalization = Normalization.MixtureBatch };

    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 2 };

    private static readonly Dictionary<string, TrainingMethod> All = new()
    {
        ["plain"] = new PlainTraining(),
        ["adversarial, mixed"] = new AdversarialTraining(Pgd) { CleanRatio = 0.5, CleanStartProbability = 0.5, LogitPairingWeight = 0.5 },
        ["TRADES"] = new Trades(Pgd),
        ["MART"] = new Mart(Pgd),
        ["free"] = new FreeAdversarialTraining(Budget.LInf(16)) { Replays = 2 },
        ["free, L2"] = new FreeAdversarialTraining(Budget.L2(0.5)) { Replays = 2 },
        ["perturbed weights"] = new AdversarialWeightPerturbation(new AdversarialTraining(Pgd)),
        ["perturbed weights around free"] = new AdversarialWeightPerturbation(new FreeAdversarialTraining(Budget.LInf(16)) { Replays = 2 }) { StartEpoch = 1 },
        ["aligned"] = new GradientAlignment(new AdversarialTraining(PgdAttack.FgsmRandomStart(Budget.LInf(16)))),
        ["perturbed weights around aligned TRADES"] = new AdversarialWeightPerturbation(new GradientAlignment(new Trades(Pgd)) { Weight = 0.5 }),
    };

    private readonly string folder = Directory.CreateTempSubdirectory("methods-").FullName;

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_is_cancelled_and_resumed_ends_with_the_weights_of_an_unbroken_one_bit_for_bit(string name)
    {
        using var unbroken = Network();
        Train(unbroken, Options(name));

        using (var first = Network())
            Assert.Throws<OperationCanceledException>(() => Train(first, Options(name) with { Checkpoints = new CheckpointOptions(folder) }, stopAfter: 4));
        using var resumed = ImageNetwork.Create(Mixture, CPU, new Seed(77));
        Train(resumed, Options(name) with { ResumeFrom = folder });

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_leaves_as_many_tensors_as_it_found(string name)
    {
        using var network = Network();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Train(network, Options(name) with { Averaging = WeightAveraging.Stochastic(1) });

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void With_checkpointed_activations_it_comes_out_the_same_or_is_refused_by_name(string name)
    {
        using var plain = Network();
        using var checkpointed = Network();
        Train(plain, Options(name));
        var options = Options(name) with { ActivationCheckpointing = true };

        if (All[name].NeedsImageGradientGraph)
        {
            var refused = Assert.Throws<ArgumentException>(() => Train(checkpointed, options));
            Assert.StartsWith($"ActivationCheckpointing is on, and {All[name].GetType().Name} differentiates the images' gradient once more", refused.Message, StringComparison.Ordinal);
            return;
        }
        Train(checkpointed, options);
        Assert.Equal(TinyNetworks.State(plain), TinyNetworks.State(checkpointed));
    }

    /// <summary>Of a mixture, each domain's statistics are moved by what the method trains in it, and by nothing else.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void It_trains_the_domains_that_it_names_and_leaves_the_others(string name)
    {
        using var network = Network();
        var before = Statistics();

        Train(network, Options(name) with { InferenceDomain = All[name].Domains[0] });

        foreach (var domain in Enum.GetValues<ImageDomain>())
            Assert.Equal(All[name].Domains.Contains(domain), !before[domain].SequenceEqual(Statistics()[domain]));

        Dictionary<ImageDomain, float[]> Statistics() => Enum.GetValues<ImageDomain>().ToDictionary(
            domain => domain, domain => network.state_dict()[$"bn1.{DomainNames.Of(domain)}.running_mean"].data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_has_an_identity_of_its_own_and_says_all_of_it(string name)
    {
        Assert.DoesNotContain(All[name].Identity.Hash, All.Where(other => other.Key != name).Select(other => other.Value.Identity.Hash));
        Assert.Null(All[name].Identity.Silent);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_learns_a_simple_problem(string name)
    {
        using var network = ImageNetwork.Create(Mixture, CPU, new Seed(1));
        var losses = new List<double>();

        TinyProblem.Train(network, Options(name) with { Epochs = 6, ConsistentEpochs = 0 }, epoch => TinyProblem.Batches(48 * (epoch % 2), 8, 8, 8, 8), 4, metrics => losses.Add(metrics.Loss));

        using var frozen = network.Freeze(All[name].Domains[^1]);
        var accuracy = new RobustnessEvaluator(frozen, [Pgd], CPU, new Seed(1)).Evaluate(TinyProblem.Batches(1000, 48)).Conditions[0].Tally.Accuracy;
        Assert.True(accuracy > 0.7, $"{accuracy}");
        Assert.True(losses[^1] < losses[0], $"{losses[0]} to {losses[^1]}");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static TrainingOptions Options(string name) => TinyProblem.Options with
    {
        Epochs = 3,
        BatchSize = 8,
        ConsistentEpochs = 1,
        Normalization = Normalization.MixtureBatch,
        Method = All[name],
        BudgetWarmupEpochs = All[name].Attack is null ? 0 : 1.5,
    };

    private static ImageNetwork Network() => ImageNetwork.Create(Mixture, CPU, new Seed(1));

    private static void Train(ImageNetwork network, TrainingOptions options, int stopAfter = int.MaxValue)
    {
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3,
            _ =>
            {
                if (++updates == stopAfter)
                    cancellation.Cancel();
            },
            cancellation: cancellation.Token);
    }
}
