using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Running statistics of averaged weights against the mean over batches, computed from the batches.</summary>
public class StatisticsEstimationTests
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(32)) { Steps = 2 };

    /// <summary>Of each batch the first half enters clean, all of it attacked: as two batches where domains are kept apart, otherwise as one.</summary>
    [Theory]
    [InlineData("MixtureBatch")]
    [InlineData("MixtureBatch, shared statistics")]
    [InlineData("Batch")]
    public void Estimated_statistics_are_the_means_over_the_batches_of_what_passes_each_layer(string name)
    {
        var normalization = Normalizations.Of(name);
        using var network = TinyProblem.Network(normalization);
        var crafted = new List<Tensor>();
        var options = Options(normalization, 0.5, crafted);

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 6), 2);

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        // The run has crafted four batches; the estimate has crafted the last two.
        Assert.Equal(6, crafted.Count);
        List<(ImageDomain Domain, Tensor Images)> passes = [];
        foreach (var (batch, attacked) in TinyProblem.Batches(0, 4, 6).Zip(crafted.Skip(4)))
        {
            var clean = batch.Images[..(batch.Count / 2)];
            if (normalization.SeparatesDomains)
                passes.AddRange([(ImageDomain.Clean, clean), (ImageDomain.Adversarial, attacked)]);
            else
                passes.Add((ImageDomain.Adversarial, cat([clean, attacked])));
        }
        var state = network.state_dict();
        foreach (var domain in normalization.SeparatesDomains ? Enum.GetValues<ImageDomain>() : [ImageDomain.Adversarial])
        {
            var prefix = name == "MixtureBatch" ? $"{domain}.".ToLowerInvariant() : "";
            var own = passes.Where(pass => prefix == "" || pass.Domain == domain).ToList();
            CheckAgainst(own.Select(pass => conv2d(Scaled(network, pass.Images), state["conv1.weight"])), "bn1." + prefix);
            CheckAgainst(
                own.Select(pass => conv2d(network.Segments[0](pass.Images, new Phase(pass.Domain, NormalizationStatistics.BatchUntracked)), state["layer1.0.conv1.weight"])),
                "layer1.0.bn1." + prefix);
            Assert.Equal(own.Count, state[$"bn1.{prefix}num_batches_tracked"].item<long>());
        }

        void CheckAgainst(IEnumerable<Tensor> passed, string layer)
        {
            var outputs = passed.ToList();
            var mean = stack(outputs.Select(output => output.mean([0, 2, 3]))).mean([0]);
            var variance = stack(outputs.Select(output => output.transpose(0, 1).flatten(1).var(1))).mean([0]);
            Assert.InRange(TinyNetworks.Difference(mean, state[layer + "running_mean"]), 0, 1e-5);
            Assert.InRange(TinyNetworks.Difference(variance, state[layer + "running_var"]), 0, 1e-5);
        }

        static Tensor conv2d(Tensor images, Tensor weight) => nn.functional.conv2d(images, weight, padding: [1, 1]);
    }

    /// <summary>Its running statistics are what is sought: the attack normalises with those of its batch.</summary>
    [Fact]
    public void The_images_are_attacked_against_the_averaged_network_with_the_statistics_of_their_batch()
    {
        using var network = TinyProblem.Network(Normalization.MixtureBatch);
        var logits = new List<(Tensor Images, float[] Logits)>();
        var attack = new RecordingAttack(Pgd, (attacked, images) => logits.Add((images.clone().DetachFromDisposeScope(), Numbers(attacked.Logits(images)))));
        var options = Options(Normalization.MixtureBatch, 0, []) with { Method = new AdversarialTraining(attack) };

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 6), 2);

        using var frozen = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked);
        using var scope = NewDisposeScope();
        Assert.All(logits.Skip(4), entry => Assert.Equal(Numbers(frozen.Logits(entry.Images)), entry.Logits));
        Assert.NotEqual(Numbers(frozen.Logits(logits[2].Images)), logits[2].Logits);

        static float[] Numbers(Tensor tensor) => tensor.detach().data<float>().ToArray();
    }

    [Fact]
    public void A_domain_that_no_image_enters_keeps_its_statistics()
    {
        using var network = TinyNetworks.Trained(TinyNetworks.Mixture);
        var before = TinyNetworks.State(network);
        var options = Options(Normalization.MixtureBatch, 0, []);

        TinyProblem.Train(network, options, _ => TinyNetworks.Batches(TinyNetworks.Mixture, 4, 6), 2);

        var after = TinyNetworks.State(network);
        Assert.Equal(before["bn1.clean.running_mean"], after["bn1.clean.running_mean"]);
        Assert.Equal(before["bn1.clean.running_var"], after["bn1.clean.running_var"]);
        Assert.NotEqual(before["bn1.adversarial.running_mean"], after["bn1.adversarial.running_mean"]);
    }

    [Theory]
    [InlineData("Group", 4)]
    [InlineData("Batch", 6)]
    public void Only_a_network_with_statistics_takes_a_pass_for_them(string name, int batches)
    {
        var normalization = name == "Group" ? Normalization.Group with { Groups = 4 } : Normalization.Batch;
        using var network = TinyProblem.Network(normalization);
        var crafted = new List<Tensor>();

        TinyProblem.Train(network, Options(normalization, 0, crafted), _ => TinyProblem.Batches(0, 4, 6), 2);

        Assert.Equal(batches, crafted.Count);
    }

    [Fact]
    public void A_method_that_moves_images_by_the_gradient_of_its_updates_does_so_in_the_estimate()
    {
        using var network = TinyProblem.Network();
        var (gradients, epochs) = (new List<bool>(), new List<double>());
        var options = Options(Normalization.Batch, 0, []) with { Method = new Moving(gradients, epochs) };

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 6), 2);

        // Two epochs of two batches; the estimate comes after them.
        Assert.Equal(Enumerable.Repeat(true, 6), gradients);
        Assert.Equal([0, 0.5, 1, 1.5, 2, 2], epochs);
        Assert.Equal(2, network.state_dict()["bn1.num_batches_tracked"].item<long>());
    }

    private static TrainingOptions Options(Normalization normalization, double cleanRatio, List<Tensor> crafted) => TinyProblem.Options with
    {
        Normalization = normalization,
        Averaging = WeightAveraging.Stochastic(1),
        Method = new AdversarialTraining(new KeepingAttack(Pgd, crafted)) { CleanRatio = cleanRatio },
    };

    private static Tensor Scaled(ImageNetwork network, Tensor images)
    {
        var (scale, shift) = network.Architecture.Pixels.Uniform!.Value;
        return images.Times(scale).Plus(shift);
    }

    private sealed record Moving(List<bool> Gradients, List<double> Epochs) : TrainingMethod
    {
        protected internal override void Step(UpdateContext step)
        {
            var images = step.Images.detach().requires_grad_();
            step.Update(network => CrossEntropy(network.Logits(images, ImageDomain.Adversarial), step.Labels));
            Gradients.Add(images.grad is not null);
            Epochs.Add(step.Epoch);
        }
    }

    /// <summary>Keeps what it hands on.</summary>
    private sealed record KeepingAttack(Attack Inner, List<Tensor> Crafted) : Attack(Inner.Budget)
    {
        public override string Name => "keeping";

        protected internal override Search Begin(SearchInput input)
        {
            var perturbed = Inner.Craft(input.Network, input.Images, input.Labels, input.Random);
            Crafted.Add(perturbed.clone().DetachFromDisposeScope());
            return Search.Once(input, perturbed);
        }
    }
}
