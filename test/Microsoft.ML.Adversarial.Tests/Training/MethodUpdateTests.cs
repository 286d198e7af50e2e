using System.Text.Json;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What methods do to a network, against PyTorch in double precision on the same numbers (Golden/method_updates.py); to a float32's rounding.</summary>
public sealed class MethodUpdateTests : IDisposable
{
    private const int Images = 4, Classes = 3, Channels = 2, Size = 6, Width = 5;

    private const double Exact = 2e-6;

    private static readonly JsonElement Golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training/Golden/method_updates.json"))).RootElement;

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ImageNetwork network = Network();
    private readonly Tensor images = Waves([Images, Channels, Size, Size], 0.4, 0, middle: 0.5), labels = Positions(Images).Modulo(Classes);

    public static TheoryData<bool> Checkpoints => [false, true];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void The_weights_perturbation_is_that_of_the_sources_proxy_and_is_taken_back(bool checkpoints)
    {
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var updates = Updates(checkpoints);

        using (updates.PerturbWeights(passes => Loss(passes, images), 0.01))
        {
            foreach (var (name, now) in network.state_dict())
                AreEqual(Golden.GetProperty("weight perturbation").TryGetProperty(name, out var added) ? added : null, now.to(float64).sub(before[name].to(float64)));
        }

        foreach (var (name, now) in network.state_dict())
            AreEqual((JsonElement?)null, now.to(float64).sub(before[name].to(float64)));
    }

    [Fact]
    public void An_update_of_perturbed_weights_has_the_gradient_of_where_they_stand()
    {
        using var twin = Network();
        var options = TinyProblem.Options with { Momentum = 0, WeightDecay = 0 };
        var method = new AdversarialWeightPerturbation(new PlainTraining()) { Share = 0.5 };
        using var optimizer = new GradientDescent(network.parameters(), 0, 0) { LearningRate = 0.1 };
        Run(method, optimizer, epoch: 0);

        // By hand: a gradient at the perturbed place, and a step from where the weights were.
        var updates = new BatchUpdates(twin, new GradientDescent(twin.parameters(), 0, 0), options, new MethodMemory(CPU), new GradientExchange(twin, ProcessGroup.Alone), images, labels) { Epoch = 0, Statistics = NormalizationStatistics.Batch };
        var gradients = new Dictionary<string, Tensor>();
        using (updates.PerturbWeights(passes => Loss(passes, images), 0.5))
        {
            using var update = twin.ForUpdate(NormalizationStatistics.Batch);
            foreach (var parameter in twin.parameters())
                parameter.grad = null;
            update.Backward(Loss(update, images).Mean());
            foreach (var (name, parameter) in twin.named_parameters())
                gradients[name] = parameter.grad!.clone();
        }

        foreach (var (name, parameter) in twin.named_parameters())
            AreEqual(network.get_parameter(name)!, parameter.detach().PlusScaled(gradients[name], -0.1));
    }

    [Fact]
    public void Before_its_first_epoch_weights_are_not_perturbed()
    {
        var step = new HandStep(_ => images, _ => { }) { Epoch = 1.9 };
        new AdversarialWeightPerturbation(new PlainTraining()) { StartEpoch = 2 }.Step(new UpdateContext(images, labels, ImageRandom.FromSeed(1, Images), Classes, step));
        Assert.Empty(step.Perturbed);

        step = new HandStep(_ => images, _ => { }) { Epoch = 2 };
        new AdversarialWeightPerturbation(new PlainTraining()) { StartEpoch = 2 }.Step(new UpdateContext(images, labels, ImageRandom.FromSeed(1, Images), Classes, step));
        Assert.Equal([0.01], step.Perturbed);
    }

    [Fact]
    public void Gradient_alignment_and_its_gradients_are_those_of_PyTorch()
    {
        var expected = Golden.GetProperty("gradient alignment");
        var noisy = images.Plus(Waves(images.shape, 8 / 255.0, 2.1));
        using var update = network.ForUpdate(NormalizationStatistics.Batch);
        var before = TinyNetworks.State(network);

        var loss = GradientAlignment.Misalignment(update.Untracked, images, noisy, labels, ImageDomain.Adversarial);
        update.Backward(loss);

        Assert.Equal(before, TinyNetworks.State(network));
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.item<float>(), Exact);
        foreach (var name in new[] { "conv1.weight", "bn1.weight", "fc.weight" })
            AreEqual(expected.GetProperty(name), network.get_parameter(name)!.grad!, 2e-5);
    }

    [Fact]
    public void An_image_without_gradient_does_not_count_in_the_alignment()
    {
        using var one = network.ForUpdate(NormalizationStatistics.Running);
        var (noisy, dead) = (images.Plus(0.01), new Silent(one, images.narrow(0, 0, 2)));

        var all = GradientAlignment.Misalignment(one, images.narrow(0, 2, 2), noisy.narrow(0, 2, 2), labels.narrow(0, 2, 2), ImageDomain.Adversarial);
        var some = GradientAlignment.Misalignment(dead, images, noisy, labels, ImageDomain.Adversarial);
        some.backward();

        Assert.Equal(all.item<float>(), some.item<float>(), 1e-5);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.grad is null || parameter.grad.isfinite().all().item<bool>()));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(48)]
    [InlineData(80)]
    public void An_image_that_the_network_is_sure_of_leaves_numbers_in_the_alignment(double margin)
    {
        using var one = network.ForUpdate(NormalizationStatistics.Running);
        var sure = new Sure(one, nn.functional.one_hot(labels, Classes).to(float32).Times(margin));

        var loss = GradientAlignment.Misalignment(sure, images, images.Plus(0.01), labels, ImageDomain.Adversarial);
        loss.backward();

        Assert.InRange(loss.item<float>(), 0, 1);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.grad is null || parameter.grad.isfinite().all().item<bool>()));
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Free_training_moves_weights_and_perturbation_as_PyTorch_does(bool checkpoints)
    {
        var expected = Golden.GetProperty("free");
        using var optimizer = new GradientDescent(network.parameters(), 0, 0) { LearningRate = 0.1 };

        var memory = Run(new FreeAdversarialTraining(Budget.LInf(8)) { Replays = 3 }, optimizer, epoch: 0, checkpoints);

        AreEqual(expected.GetProperty("perturbation"), memory.Named.Single().Tensor.narrow(0, 0, Images));
        foreach (var (name, parameter) in network.named_parameters())
            AreEqual(expected.GetProperty(name), parameter, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Around_free_training_the_images_move_by_the_gradient_of_the_update_alone(bool checkpoints)
    {
        var budget = Budget.L2(0.5);
        using var optimizer = new GradientDescent(network.parameters(), 0, 0) { LearningRate = 0.1 };
        using var twin = Network();
        var variable = images.detach().requires_grad_();
        var updates = new BatchUpdates(twin, new GradientDescent(twin.parameters(), 0, 0), TinyProblem.Options, new MethodMemory(CPU), new GradientExchange(twin, ProcessGroup.Alone), images, labels) { Epoch = 0, Statistics = NormalizationStatistics.Batch };
        using (updates.PerturbWeights(passes => Loss(passes, images), 0.9))
        {
            using var update = twin.ForUpdate(NormalizationStatistics.Batch);
            update.Backward(Loss(update, variable).Mean());
        }

        var memory = Run(new AdversarialWeightPerturbation(new FreeAdversarialTraining(budget) { Replays = 1 }) { Share = 0.9 }, optimizer, epoch: 0, checkpoints);

        AreEqual(budget.Project(images.PlusScaled(budget.SteepestDirection(variable.grad!), 0.5), images).sub(images), memory.Named.Single().Tensor.narrow(0, 0, Images), 1e-5);
    }

    public void Dispose()
    {
        network.Dispose();
        scope.Dispose();
    }

    private MethodMemory Run(TrainingMethod method, GradientDescent optimizer, double epoch, bool checkpoints = false)
    {
        var memory = new MethodMemory(CPU);
        var options = TinyProblem.Options with { Method = method, BatchSize = 6, ActivationCheckpointing = checkpoints };
        new TrainingStep(network, optimizer, options, memory) { Epoch = epoch }.Run(images, labels, ImageRandom.FromSeed(1, Images), measures: false);
        return memory;
    }

    private BatchUpdates Updates(bool checkpoints) =>
        new(network, new GradientDescent(network.parameters(), 0, 0), TinyProblem.Options with { ActivationCheckpointing = checkpoints }, new MethodMemory(CPU), new GradientExchange(network, ProcessGroup.Alone), images, labels)
        {
            Epoch = 0,
            Statistics = NormalizationStatistics.Batch,
        };

    private LossSum Loss(ITrainableClassifier passes, Tensor at) =>
        new(nn.functional.cross_entropy(passes.Logits(at, ImageDomain.Clean), labels, reduction: nn.Reduction.Sum), Images);

    private static ImageNetwork Network()
    {
        var made = ImageNetwork.Create(new NetworkArchitecture { Backbone = new OneConvolution(), Image = new ImageShape(Channels, Size, Size), ClassCount = Classes }, CPU, new Seed(1));
        using var noGradient = no_grad();
        Set("conv1.weight", 0.3, 0.1);
        Set("bn1.weight", 0.2, 0.5, middle: 1);
        Set("bn1.bias", 0.1, 0.9);
        Set("fc.weight", 0.8, 1.3);
        Set("fc.bias", 0.1, 0.2);
        return made;

        void Set(string name, double scale, double shift, double middle = 0)
        {
            var parameter = made.get_parameter(name)!;
            parameter.copy_(Waves(parameter.shape, scale, shift, middle));
        }
    }

    private static Tensor Waves(long[] shape, double scale, double shift, double middle = 0) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(index => (float)(middle + scale * Math.Sin(1.7 * index + shift))).ToArray()).reshape(shape);

    private static Tensor Positions(int count) => TensorArithmetic.Positions(count, CPU);

    private static void AreEqual(JsonElement? expected, Tensor actual, double tolerance = Exact) =>
        AreEqual(expected is { } wanted ? tensor(wanted.EnumerateArray().Select(element => element.GetDouble()).ToArray()) : zeros_like(actual), actual, tolerance);

    private static void AreEqual(Tensor expected, Tensor actual, double tolerance = Exact)
    {
        foreach (var (wanted, number) in expected.to(float64).flatten().data<double>().ToArray().Zip(actual.detach().to(float64).flatten().data<double>().ToArray()))
            Assert.Equal(wanted, number, tolerance);
    }

    private sealed record OneConvolution : Backbone
    {
        public override string Name => nameof(OneConvolution);

        protected internal override void LayOut(NetworkLayout layout) => layout.Convolution("conv1", Width, 3).Normalization("bn1").Activation(Activation.Relu).GlobalAveragePool().Classifier("fc");

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.AddNothing();
        }
    }

    /// <summary>Answers the first images by logits that they do not change.</summary>
    private sealed class Silent(ITrainableClassifier network, Tensor first) : ITrainableClassifier
    {
        public int ClassCount => network.ClassCount;

        public ITrainableClassifier Untracked => this;

        public Tensor Logits(Tensor images, ImageDomain domain)
        {
            var count = first.shape[0];
            return cat([network.Logits(images.narrow(0, 0, count), domain).Times(0), network.Logits(images.narrow(0, count, images.shape[0] - count), domain)]);
        }

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial) => throw new InvalidOperationException("One domain is enough.");
    }

    private sealed class Sure(ITrainableClassifier network, Tensor added) : ITrainableClassifier
    {
        public int ClassCount => network.ClassCount;

        public ITrainableClassifier Untracked => this;

        public Tensor Logits(Tensor images, ImageDomain domain) => network.Logits(images, domain).Plus(added);

        public (Tensor Clean, Tensor Adversarial) Logits(Tensor clean, Tensor adversarial) => throw new InvalidOperationException("One domain is enough.");
    }
}
