using Microsoft.ML.Adversarial.Tests.Common;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>First weights (METHODS 1.2): their distribution, and that they come from the seed alone.</summary>
[Collection(ProcessWideGenerator.Name)]
public class InitializationTests
{
    private const string Kind = TinyNetworks.Plain;

    public static TheoryData<string> Normalized => TinyNetworks.NamesByNormalization;

    [Theory]
    [InlineData(18, 32)]
    [InlineData(50, 72)]
    public void Convolutions_start_normal_with_the_fan_out_deviation_of_He(int depth, int size)
    {
        using var scope = NewDisposeScope();
        using var network = Create(depth, size);

        foreach (var (name, weight) in network.named_parameters().Where(entry => entry.parameter.dim() == 4))
        {
            // The deviation of a sample's deviation is 1/sqrt(2n), that of its mean 1/sqrt(n): five of each.
            var (count, expected) = ((double)weight.numel(), Math.Sqrt(2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3])));
            var (mean, deviation) = (weight.mean().item<float>(), weight.std().item<float>());
            var share = deviation / expected;
            Assert.True(Math.Abs(share - 1) < 5 / Math.Sqrt(2 * count), $"{name}: deviation {deviation}, expected {expected}");
            Assert.True(Math.Abs(mean / expected) < 5 / Math.Sqrt(count), $"{name}: mean {mean}");
        }
    }

    [Theory]
    [InlineData(18, 32, "bn2")]
    [InlineData(50, 72, "bn3")]
    public void The_last_scale_of_every_block_starts_at_zero_and_every_other_at_one(int depth, int size, string last)
    {
        using var scope = NewDisposeScope();
        using var network = Create(depth, size);
        var blocks = ResNetTable.Plan(new ResNet(depth), new ImageShape(3, size, size)).Blocks.Sum();
        var scales = network.named_parameters().Where(entry => entry.parameter.dim() == 1 && entry.name.EndsWith("weight", StringComparison.Ordinal)).ToList();

        var zeroed = scales.Where(entry => Holds(entry.parameter, 0)).Select(entry => entry.name).ToList();

        Assert.Equal(blocks, zeroed.Count);
        Assert.All(zeroed, name => Assert.Matches($@"^layer\d\.\d+\.{last}\.weight$", name));
        Assert.All(scales.Where(entry => !zeroed.Contains(entry.name)), entry => Assert.True(Holds(entry.parameter, 1), entry.name));
    }

    /// <summary>Without a normalisation the zeros are what keeps a deep network from exploding; a mixture has one for each domain.</summary>
    [Theory]
    [MemberData(nameof(Normalized))]
    public void The_last_scales_of_every_block_start_at_zero_whatever_the_normalisation(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Fresh(kind);
        var scales = network.named_parameters().Where(entry => entry.parameter.dim() == 1 && entry.name.EndsWith("weight", StringComparison.Ordinal));

        Assert.All(scales, entry => Assert.True(Holds(entry.parameter, entry.name.Contains(".bn2.", StringComparison.Ordinal) ? 0 : 1), entry.name));
    }

    [Fact]
    public void Shifts_and_running_means_start_at_zero_and_running_variances_at_one()
    {
        using var scope = NewDisposeScope();
        using var network = Create(18, 32);

        var shifts = network.named_parameters().Where(entry => entry.name.EndsWith("bias", StringComparison.Ordinal));
        Assert.All(shifts, entry => Assert.True(Holds(entry.parameter, 0), entry.name));
        Assert.All(network.named_buffers(), entry =>
            Assert.True(Holds(entry.buffer, entry.name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0), entry.name));
    }

    [Fact]
    public void The_classifier_starts_normal_with_deviation_one_hundredth()
    {
        using var scope = NewDisposeScope();
        using var network = Create(50, 72);
        var weight = network.get_parameter("fc.weight")!;

        // 51 200 numbers: one deviation of the sample's deviation is 0.3 %.
        Assert.InRange(weight.std().item<float>(), 0.00985, 0.01015);
        Assert.InRange(weight.mean().item<float>(), -0.0002, 0.0002);
        Assert.InRange(weight.abs().max().item<float>(), 0.03, 0.06);
    }

    [Fact]
    public void Every_tensor_is_drawn_apart()
    {
        using var scope = NewDisposeScope();
        using var network = Create(18, 32);
        var weights = network.parameters().Where(parameter => parameter.dim() > 1);
        var drawn = weights.Select(weight => weight[0, 0].flatten()[0].item<float>());

        Assert.Equal(drawn.Count(), drawn.Distinct().Count());
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_bit_for_bit_and_another_seed_others()
    {
        using var first = TinyNetworks.Fresh(Kind, seed: 1);
        using var second = TinyNetworks.Fresh(Kind, seed: 1);
        using var other = TinyNetworks.Fresh(Kind, seed: 2);
        var state = TinyNetworks.State(first);

        Assert.Equal(state, TinyNetworks.State(second));
        Assert.All(TinyNetworks.State(other).Where(entry => IsDrawn(entry.Key)), entry => Assert.NotEqual(state[entry.Key], entry.Value));

        static bool IsDrawn(string name) => name.Contains("conv", StringComparison.Ordinal) || name is "fc.weight" || name.EndsWith("downsample.0.weight", StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_wide_generator_neither_decides_the_weights_nor_moves()
    {
        using var untouched = TinyNetworks.Fresh(Kind);
        using var drawn = rand(7);
        using var before = random.get_rng_state();

        using var network = TinyNetworks.Fresh(Kind);

        using var after = random.get_rng_state();
        Assert.Equal(TinyNetworks.State(untouched), TinyNetworks.State(network));
        Assert.True(before.Equals(after));
    }

    /// <summary>Whether every number of the tensor is this one.</summary>
    private static bool Holds(Tensor values, float number)
    {
        using var scope = NewDisposeScope();
        return values.detach().to(float32).data<float>().ToArray().All(value => value == number);
    }

    private static ImageNetwork Create(int depth, int size)
    {
        var architecture = new NetworkArchitecture { Backbone = new ResNet(depth) { Width = 16 }, Image = new ImageShape(3, size, size), ClassCount = 100 };
        return ImageNetwork.Create(architecture, CPU, new Seed(3));
    }
}
