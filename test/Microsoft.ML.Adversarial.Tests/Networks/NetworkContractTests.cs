using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What every network promises, whatever its architecture.</summary>
public class NetworkContractTests
{
    public static TheoryData<string> Kinds => TinyNetworks.Names;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_parameter_receives_a_gradient(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);

        // Half of a mixture's normalisation only meets the images of its domain.
        var (clean, adversarial) = network.ForUpdate(NormalizationStatistics.Batch).Logits(TinyNetworks.Images(kind, 6), TinyNetworks.Images(kind, 6, seed: 2));
        nn.functional.cross_entropy(cat([clean, adversarial]), TinyNetworks.Labels(kind, 6).repeat(2)).backward();

        var without = network.named_parameters().Where(entry => !HasGradient(entry.parameter));
        Assert.Equal([], without.Select(entry => entry.name));

        static bool HasGradient(Tensor parameter) => parameter.grad?.abs().max().item<float>() is > 0 and < 1e6f;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_fresh_network_gives_finite_logits_for_as_many_classes_as_asked(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Fresh(kind);

        using var noGradient = no_grad();
        var logits = network.call(TinyNetworks.Images(kind, 3), new Phase(ImageDomain.Clean, NormalizationStatistics.Running));
        using var frozen = network.Freeze(ImageDomain.Clean);

        var classes = TinyNetworks.Architecture(kind).ClassCount;
        Assert.Equal([3, classes], logits.shape);
        Assert.True(logits.isfinite().all().item<bool>());
        Assert.Equal(classes, frozen.ClassCount);
        Assert.Equal(classes, network.ForUpdate(NormalizationStatistics.Batch).ClassCount);
        Assert.Equal(TinyNetworks.Architecture(kind).Image, frozen.Image);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Batch_statistics_move_the_running_ones_of_their_domain_and_nothing_else_moves_any(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        var images = TinyNetworks.Images(kind, 4);
        var before = TinyNetworks.State(network);

        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Running));
        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.BatchUntracked));
        Assert.Equal(before, TinyNetworks.State(network));

        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch));
        var after = TinyNetworks.State(network);
        var buffers = network.named_buffers().Select(entry => entry.name).Where(name => !name.Contains(".adversarial.", StringComparison.Ordinal));
        var moved = after.Where(entry => !entry.Value.AsSpan().SequenceEqual(before[entry.Key])).Select(entry => entry.Key);
        Assert.Equal(buffers.Order(), moved.Order());
    }

    /// <summary>PyTorch's rule: 0.9 old + 0.1 new, the new variance with Bessel's correction.</summary>
    [Fact]
    public void The_running_statistics_of_the_stem_move_by_a_tenth_towards_the_batch()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Fresh("three stages, depth 8, grey");
        var images = TinyNetworks.Images("three stages, depth 8, grey", 4);
        var activations = nn.functional.conv2d(images.Plus(-0.5).Times(2), network.get_parameter("conv1.weight")!, padding: [1, 1]);

        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch));

        var buffers = network.named_buffers().ToDictionary(entry => entry.name, entry => entry.buffer);
        Assert.InRange(TinyNetworks.Difference(activations.mean([0, 2, 3]).Times(0.1), buffers["bn1.running_mean"]), 0, 1e-6);
        var variance = activations.var([0, 2, 3], unbiased: true).Times(0.1).Plus(0.9);
        Assert.InRange(TinyNetworks.Difference(variance, buffers["bn1.running_var"]), 0, 1e-6);
        Assert.Equal(1, buffers["bn1.num_batches_tracked"].item<long>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_and_backward_leave_the_images_as_they_were(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Fresh(kind);
        using var frozen = network.Freeze(ImageDomain.Clean);
        var images = TinyNetworks.Images(kind, 2);
        var copy = images.clone();

        network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch)).sum().backward();
        using (no_grad())
            frozen.Logits(images);

        Assert.True(images.Equals(copy));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_tensor_stays_behind(string kind)
    {
        using (var scope = NewDisposeScope())
            TinyNetworks.Images(kind, 1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (var network = TinyNetworks.Fresh(kind))
        {
            var standing = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var images = TinyNetworks.Images(kind, 2))
            using (var logits = network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Batch)))
            using (var frozen = network.Freeze(ImageDomain.Clean))
            using (var frozenLogits = frozen.Logits(images))
            {
                // What the caller holds: images, two logits, and the frozen weights.
                var held = 3 + frozen.Layers.SelectMany(layer => layer.Tensors).Count();
                Assert.Equal(standing + held, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
            Assert.Equal(standing, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
