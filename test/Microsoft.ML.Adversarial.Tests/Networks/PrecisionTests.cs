using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>A network that computes in bfloat16 is the same network, to 8 significant bits, and leaves the exact one alone.</summary>
public class PrecisionTests
{
    /// <summary>Up to fifty roundings of 2^-9 each, which random networks magnify; a layer that is lost is off by more.</summary>
    private const double Tolerance = 0.2;

    public static TheoryData<string> Kinds => TinyNetworks.Names;

    public static TheoryData<string> Normalized => TinyNetworks.NamesOfSmall;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_logits_are_float32_and_those_of_the_exact_network_but_for_rounding(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Trained(kind);
        using var exact = network.Freeze(ImageDomain.Adversarial);
        using var rounded = network.Freeze(ImageDomain.Adversarial, precision: Precision.BFloat16);
        var images = TinyNetworks.Images(kind, 8);

        var (expected, actual) = (exact.Logits(images), rounded.Logits(images));

        Assert.Equal(float32, actual.dtype);
        Assert.InRange(TinyNetworks.Difference(expected, actual), 1e-5, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Normalized))]
    public void With_batch_statistics_too(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Trained(kind);
        using var exact = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked);
        using var rounded = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked, Precision.BFloat16);
        var images = TinyNetworks.Images(kind, 8);

        Assert.InRange(TinyNetworks.Difference(exact.Logits(images), rounded.Logits(images)), 1e-5, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_gradient_points_where_the_exact_one_does(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        using var exact = network.Freeze(ImageDomain.Adversarial);
        using var rounded = exact.In(Precision.BFloat16);

        var (expected, actual) = (Gradient(exact, kind), Gradient(rounded, kind));

        Assert.Equal(float32, actual.dtype);
        // Random deep networks magnify every rounding; a gradient of something else is at right angles.
        var cosines = nn.functional.cosine_similarity(expected.flatten(1), actual.flatten(1), 1).data<float>().ToArray();
        Assert.True(cosines.Order().ElementAt(cosines.Length / 2) > 0.75, string.Join(", ", cosines));
    }

    [Fact]
    public void Rounding_leaves_the_exact_network_as_it_was_and_outlives_it()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var kind in Normalized.Select(row => row.Data))
        {
            using var network = TinyNetworks.Trained(kind);
            var exact = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked);
            var images = TinyNetworks.Images(kind, 3);
            var (before, fingerprint) = (exact.Logits(images), exact.Fingerprint);

            using (exact.In(Precision.BFloat16))
                Assert.Equal(fingerprint, exact.Fingerprint);
            Assert.True(before.Equals(exact.Logits(images)));

            using var rounded = exact.In(Precision.BFloat16);
            var expected = rounded.Logits(images);
            exact.Dispose();
            Assert.True(expected.Equals(rounded.Logits(images)));
        }
    }

    /// <summary>Weights, their gradients and the running statistics stay float32, and are those of an exact update but for rounding.</summary>
    [Theory]
    [MemberData(nameof(Normalized))]
    public void An_update_in_bfloat16_keeps_float32_weights_gradients_and_statistics(string kind)
    {
        using var scope = NewDisposeScope();
        using var exact = TinyNetworks.Trained(kind);
        using var rounded = TinyNetworks.Trained(kind);

        Update(exact, kind, Precision.Single, checkpoints: false);
        Update(rounded, kind, Precision.BFloat16, checkpoints: false);

        foreach (var ((name, expected), (_, actual)) in exact.state_dict().Zip(rounded.state_dict()).Select(pair => ((pair.First.Key, pair.First.Value), (pair.Second.Key, pair.Second.Value))))
        {
            Assert.Equal(expected.dtype, actual.dtype);
            if (expected.dtype == float32)
                Assert.True(TinyNetworks.Difference(expected, actual) < Tolerance, name);
        }
        var gradients = exact.named_parameters().Zip(rounded.named_parameters())
            .Select(pair => (pair.First.name, Expected: pair.First.parameter.grad!.flatten(), Actual: pair.Second.parameter.grad!.flatten())).ToList();
        Assert.All(gradients, pair => Assert.Equal(float32, pair.Actual.dtype));
        Assert.Contains(gradients, pair => !pair.Expected.Equals(pair.Actual));
        var largest = gradients.Max(pair => pair.Expected.norm().item<float>());
        Assert.All(gradients, pair => Assert.True((pair.Expected - pair.Actual).norm().item<float>() < (0.5 * pair.Expected.norm().item<float>()) + (0.05 * largest), pair.name));
    }

    [Theory]
    [MemberData(nameof(Normalized))]
    public void A_checkpointed_update_in_bfloat16_is_the_plain_one_bit_for_bit(string kind)
    {
        using var scope = NewDisposeScope();
        using var plain = TinyNetworks.Trained(kind);
        using var checkpointed = TinyNetworks.Trained(kind);

        Update(plain, kind, Precision.BFloat16, checkpoints: false);
        Update(checkpointed, kind, Precision.BFloat16, checkpoints: true);

        Assert.Equal(TinyNetworks.State(plain), TinyNetworks.State(checkpointed));
        Assert.All(plain.parameters().Zip(checkpointed.parameters()), pair => Assert.True(pair.First.grad!.Equals(pair.Second.grad!)));
    }

    [Fact]
    public void Nothing_computes_in_a_precision_that_is_still_to_be_chosen()
    {
        using var network = TinyNetworks.Fresh(TinyNetworks.Plain);
        using var exact = network.Freeze(ImageDomain.Adversarial);

        Assert.Throws<ArgumentOutOfRangeException>(() => exact.In(Precision.Automatic));
    }

    private static void Update(ImageNetwork network, string kind, Precision precision, bool checkpoints)
    {
        using var scope = NewDisposeScope();
        using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints, precision);
        update.Backward(nn.functional.cross_entropy(update.Logits(TinyNetworks.Images(kind, 16), ImageDomain.Adversarial), TinyNetworks.Labels(kind, 16)));
        foreach (var parameter in network.parameters().Where(parameter => parameter.grad is null))
            parameter.grad = zeros_like(parameter).DetachFromDisposeScope();
    }

    private static Tensor Gradient(FrozenNetwork network, string kind)
    {
        var images = TinyNetworks.Images(kind, 8).requires_grad_();
        return autograd.grad([nn.functional.cross_entropy(network.Logits(images), TinyNetworks.Labels(kind, 8), reduction: nn.Reduction.Sum)], [images])[0];
    }
}
