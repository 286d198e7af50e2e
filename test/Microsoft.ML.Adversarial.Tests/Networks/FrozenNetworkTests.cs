using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Lowering is exact, one-way and leaves no trace.</summary>
public class FrozenNetworkTests
{
    /// <summary>float32 sums in another order; a wrong fold is off by more than 1e-2.</summary>
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Kinds => TinyNetworks.Names;

    public static TheoryData<string> Normalized => TinyNetworks.NamesOfSmall;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Frozen_logits_are_those_of_the_network_with_its_running_statistics(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Trained(kind);
        var images = TinyNetworks.Images(kind, 5);
        foreach (var domain in TinyNetworks.Domains(kind))
        {
            using var frozen = network.Freeze(domain);

            var expected = network.call(images, new Phase(domain, NormalizationStatistics.Running));

            Assert.InRange(expected.std().item<float>(), 0.1, 10);
            Assert.InRange(TinyNetworks.Difference(expected, frozen.Logits(images)), 0, Tolerance);
            var withBatchStatistics = network.call(images, new Phase(domain, NormalizationStatistics.BatchUntracked));
            Assert.True(
                TinyNetworks.Difference(expected, withBatchStatistics) > 100 * Tolerance || !network.named_buffers().Any(),
                "the running statistics are those of the batch: the test sees nothing");
        }
    }

    /// <summary>What <c>CraftingStatistics.Batch</c> attacks: the network as its update would normalise these very images.</summary>
    [Theory]
    [MemberData(nameof(Normalized))]
    public void Frozen_with_batch_statistics_it_gives_the_logits_of_an_update_and_moves_nothing(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        var before = TinyNetworks.State(network);
        var images = TinyNetworks.Images(kind, 5, seed: 7);
        foreach (var domain in TinyNetworks.Domains(kind))
        {
            using var frozen = network.Freeze(domain, NormalizationStatistics.BatchUntracked);
            var actual = frozen.Logits(images);
            GradientThrough(frozen.Logits, kind);

            Assert.Equal(before, TinyNetworks.State(network));
            using var updated = network.Copy(network.Architecture.Normalization, domain);
            Assert.InRange(TinyNetworks.Difference(updated.call(images, new Phase(domain, NormalizationStatistics.Batch)), actual), 0, Tolerance);
        }
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_with_respect_to_the_images_is_that_of_the_network(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        using var frozen = network.Freeze(ImageDomain.Adversarial);

        var expected = GradientThrough(images => network.call(images, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running)), kind);
        var actual = GradientThrough(frozen.Logits, kind);

        // A ReLU whose input is zero within rounding may fall to either side and changes its image's whole gradient a little: half of the images must agree, none may stray far.
        var largest = expected.abs().amax([1, 2, 3], keepdim: true);
        Assert.True(largest.min().item<float>() > 0);
        var differences = ((expected - actual) / largest).abs().amax([1, 2, 3]).data<float>().ToArray();
        Assert.True(differences.Count(difference => difference < 1e-3) >= 4, string.Join(", ", differences));
        Assert.All(differences, difference => Assert.InRange(difference, 0, 0.3));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Freezing_changes_nothing_in_the_network(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        var before = TinyNetworks.State(network);

        using var frozen = network.Freeze(ImageDomain.Adversarial);
        GradientThrough(frozen.Logits, kind);

        Assert.Equal(before, TinyNetworks.State(network));
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad));
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(frozen.Layers.SelectMany(layer => layer.Tensors), tensor => Assert.False(tensor.requires_grad));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Later_changes_of_the_network_do_not_reach_the_frozen_one(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var network = TinyNetworks.Trained(kind);
        using var frozen = network.Freeze(ImageDomain.Adversarial);
        var images = TinyNetworks.Images(kind, 2);
        var before = frozen.Logits(images);

        foreach (var (_, tensor) in network.state_dict())
            tensor.AddInPlace(1L);
        Assert.True(before.Equals(frozen.Logits(images)));

        network.Dispose();
        Assert.True(before.Equals(frozen.Logits(images)));
    }

    /// <summary>A frozen network outlives the scope it was made in: only its own disposal ends it.</summary>
    [Fact]
    public void A_frozen_network_belongs_to_no_dispose_scope()
    {
        using var network = TinyNetworks.Fresh("four stages, basic, large stem, odd size");
        FrozenNetwork frozen;
        using (var scope = NewDisposeScope())
            frozen = network.Freeze(ImageDomain.Clean);

        Assert.All(frozen.Layers.SelectMany(layer => layer.Tensors), tensor => Assert.False(tensor.IsInvalid));

        frozen.Dispose();
        Assert.All(frozen.Layers.SelectMany(layer => layer.Tensors), tensor => Assert.True(tensor.IsInvalid));
    }

    private static Tensor GradientThrough(Func<Tensor, Tensor> logits, string kind)
    {
        var images = TinyNetworks.Images(kind, 8).requires_grad_();
        var loss = nn.functional.cross_entropy(logits(images), TinyNetworks.Labels(kind, 8), reduction: nn.Reduction.Sum);
        return autograd.grad([loss], [images])[0];
    }
}
