using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Computing activations again changes no bit of a run, and nothing of it stays.</summary>
public class ActivationCheckpointingTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(16)) { Steps = 1 };

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public static TheoryData<string> Kinds => TinyNetworks.NamesOfSmall;

    /// <summary>Two epochs with batch statistics and one with running ones, the last batch of each smaller; running statistics are part of the state.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_checkpointed_run_comes_out_the_same_bit_for_bit(string kind)
    {
        var expected = Trained(kind, checkpoints: false);

        Assert.Equal(expected, Trained(kind, checkpoints: true));
    }

    [Theory]
    [InlineData(false, typeof(NetworkUpdate))]
    [InlineData(true, typeof(CheckpointedUpdate))]
    public void The_option_decides_which_update_the_method_is_given(bool checkpoints, Type expected)
    {
        using var network = TinyProblem.Network();
        var given = new List<Type>();
        var method = new HandMethod((update, images, _, _) =>
        {
            given.Add(update.GetType());
            return update.Logits(images, ImageDomain.Clean).sum();
        });

        TinyProblem.Train(network, Options(checkpoints) with { Method = method, Epochs = 1 }, _ => TinyProblem.Batches(0, 4), 1);

        Assert.Equal([expected], given);
    }

    /// <summary>Several calls of one domain in one update each have their own way back.</summary>
    [Fact]
    public void A_method_may_call_the_network_more_than_once_and_leave_a_call_unused()
    {
        var method = new HandMethod(
            (network, images, adversarial, labels) =>
            {
                network.Logits(images.flip(3), ImageDomain.Clean);
                var first = nn.functional.cross_entropy(network.Logits(images, ImageDomain.Clean), labels);
                var (clean, attacked) = network.Logits(images[..3], adversarial);
                return first.Plus(nn.functional.cross_entropy(attacked, labels)).Plus(nn.functional.mse_loss(clean, attacked[..3]));
            },
            Pgd);
        Tensor? Gradient(bool checkpoints)
        {
            using var network = TinyNetworks.Trained(TinyNetworks.Mixture);
            using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints);
            var images = TinyNetworks.Images(TinyNetworks.Mixture, 6);
            update.Backward(HandMethod.LossOf(method, update, images, images.Times(0.9), TinyNetworks.Labels(TinyNetworks.Mixture, 6)));
            return network.get_parameter("layer1.0.conv1.weight")!.grad?.clone();
        }

        using var scope = NewDisposeScope();

        // Three gradients add up in another order than all at once.
        Assert.InRange(TinyNetworks.Difference(Gradient(checkpoints: false)!, Gradient(checkpoints: true)!), 0, 1e-6);
        Assert.True(Gradient(checkpoints: true)!.abs().max().item<float>() > 1e-3);
    }

    [Theory]
    [InlineData("Batch")]
    [InlineData("MixtureBatch")]
    [InlineData("None")]
    public void No_tensor_stays_behind_an_update(string normalization)
    {
        using var network = TinyProblem.Network(Normalizations.Of(normalization));
        var options = Options(checkpoints: true) with { Epochs = 1 };
        var before = Live;

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 6, 4), 2);

        Assert.Equal(before, Live);
    }

    [Fact]
    public void No_tensor_stays_behind_a_loss_that_is_no_number()
    {
        using var network = TinyProblem.Network(Normalization.MixtureBatch);
        var before = Live;
        var method = new HandMethod((update, images, _, _) => update.Logits(images, images).Clean.sum().Times(double.NaN), Pgd);

        Assert.Throws<InvalidOperationException>(() => TinyProblem.Train(network, Options(checkpoints: true) with { Method = method }, _ => TinyProblem.Batches(0, 4), 1));

        Assert.Equal(before, Live);
    }

    [Fact]
    public void No_tensor_stays_behind_a_method_that_throws()
    {
        using var network = TinyProblem.Network(Normalization.MixtureBatch);
        var before = Live;
        var method = new HandMethod(
            (update, images, _, _) =>
            {
                update.Logits(images, ImageDomain.Clean);
                throw new InvalidDataException("the method's own");
            });

        Assert.Throws<InvalidDataException>(() => TinyProblem.Train(network, Options(checkpoints: true) with { Method = method }, _ => TinyProblem.Batches(0, 4), 1));

        Assert.Equal(before, Live);
    }

    private static TrainingOptions Options(bool checkpoints) => TinyProblem.Options with
    {
        Epochs = 3,
        ConsistentEpochs = 1,
        LearningRate = 0.005,
        ActivationCheckpointing = checkpoints,
        Method = new AdversarialTraining(Pgd) { CleanRatio = 1, LogitPairingWeight = 0.1 },
    };

    private static Dictionary<string, byte[]> Trained(string kind, bool checkpoints)
    {
        using var network = TinyNetworks.Trained(kind);
        var untrained = TinyNetworks.State(network);
        TinyProblem.Train(network, Options(checkpoints), _ => TinyNetworks.Batches(kind, 6, 4), 2);
        var state = TinyNetworks.State(network);
        Assert.All(state, entry => Assert.NotEqual(untrained[entry.Key], entry.Value));
        return state;
    }
}
