using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The losses of methods against PyTorch, which computes them on the same logits by Golden/training_losses.py; to a float32's rounding.</summary>
public class TrainingLossTests
{
    private const int Images = 6, Classes = 5;

    private const double Exact = 1e-6;

    private static readonly PgdAttack Attack = new(Budget.LInf(8));

    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training/Golden/training_losses.json"))).RootElement;

    public static TheoryData<string> Methods => ["trades", "mart"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_loss_and_its_gradients_are_those_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        TrainingMethod method = name == "trades" ? new Trades(Attack) : new Mart(Attack);
        var (clean, attacked) = (Logits(2, 0), Logits(1.5, 0.7));
        var (images, adversarial) = (zeros(Images, 1, 2, 2), ones(Images, 1, 2, 2));

        var loss = HandMethod.LossOf(method, new TwoAnswers(images, clean, attacked), images, adversarial, tensor(Enumerable.Range(0, Images).Select(index => (long)(index % Classes)).ToArray()));
        loss.backward();

        var expected = Golden.GetProperty(name);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.item<float>(), Exact);
        AreEqual(expected.GetProperty("clean"), clean.grad!);
        AreEqual(expected.GetProperty("attacked"), attacked.grad!);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_trains_a_network_that_withstands_more_than_a_plain_one(string name)
    {
        var options = TinyProblem.Options with { Epochs = 12 };
        TrainingMethod method = name == "trades" ? new Trades(Budget.LInf(40)) : new Mart(Budget.LInf(40));

        var (robust, plain) = (Accuracy(method), Accuracy(new PlainTraining()));

        Assert.True(robust > plain + 0.1, $"{robust} against {plain}");

        double Accuracy(TrainingMethod trained)
        {
            using var network = TinyProblem.Network();
            TinyProblem.Train(network, options with { Method = trained }, epoch => TinyProblem.Batches(48 * (epoch % 2), 8, 8, 8, 8, 8, 8), 6);
            using var frozen = network.Freeze(ImageDomain.Adversarial);
            return new RobustnessEvaluator(frozen, [new PgdAttack(Budget.LInf(40))], CPU, new Seed(1)).Evaluate(TinyProblem.Batches(1000, 96)).WorstCaseTally.Accuracy;
        }
    }

    /// <summary>What they begin with: 0.007 of 0.031 and 10 steps in the sources' public code.</summary>
    [Fact]
    public void Their_own_attacks_are_those_of_the_sources()
    {
        Assert.Equal("PGD-10 (L-inf 8/255, untargeted, divergence, step size 0.25 of the radius, start with noise of 0.001)", $"{new Trades(Budget.LInf(8)).Attack}");
        Assert.Equal("PGD-10 (L-inf 8/255, untargeted, step size 0.25 of the radius, start with noise of 0.001)", $"{new Mart(Budget.LInf(8)).Attack}");
    }

    [Fact]
    public void A_target_and_the_divergence_contradict_each_other()
    {
        using var scope = NewDisposeScope();
        var targeted = new PgdAttack(Budget.LInf(8)) { Loss = AttackLoss.Divergence, Goal = AttackGoal.RandomTarget };
        using var network = TinyProblem.Network();

        var refused = Assert.Throws<InvalidOperationException>(() => TinyProblem.Train(network, TinyProblem.Options with { Method = new Trades(targeted) }, _ => TinyProblem.Batches(0, 6), 1));

        Assert.StartsWith("The attack has a target and raises the divergence, which knows none;", refused.Message, StringComparison.Ordinal);
    }

    private static Tensor Logits(double scale, double shift) =>
        tensor(Enumerable.Range(0, Images * Classes).Select(index => (float)(scale * Math.Sin(3 * (index / Classes) + index % Classes + shift))).ToArray()).reshape(Images, Classes).requires_grad_();

    private static void AreEqual(JsonElement expected, Tensor actual)
    {
        foreach (var (wanted, number) in expected.EnumerateArray().Select(element => element.GetDouble()).Zip(actual.data<float>().ToArray()))
            Assert.Equal(wanted, number, Exact);
    }

    private sealed class TwoAnswers(Tensor images, Tensor clean, Tensor attacked) : ITrainableClassifier
    {
        public int ClassCount => Classes;

        public ITrainableClassifier Untracked => this;

        public Tensor Logits(Tensor given, ImageDomain domain)
        {
            var isClean = ReferenceEquals(given, images);
            Assert.Equal(isClean ? ImageDomain.Clean : ImageDomain.Adversarial, domain);
            return isClean ? clean : attacked;
        }

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor first, Tensor second) => throw new InvalidOperationException("Both are batches of their own.");
    }
}
