using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What one domain has for itself, the other's images never move (METHODS 1.3).</summary>
public class MixtureBatchNormalizationTests
{
    public static TheoryData<string> Mixtures => [TinyNetworks.Mixture, "mixture, shared affine", "mixture, shared statistics"];

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Images_of_one_domain_move_its_own_statistics_and_the_shared_ones_alone(string kind)
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Trained(kind);
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            var before = TinyNetworks.State(network);

            network.call(TinyNetworks.Images(kind, 4), new Phase(domain, NormalizationStatistics.Batch));

            var moved = TinyNetworks.State(network).Where(entry => !entry.Value.AsSpan().SequenceEqual(before[entry.Key])).Select(entry => entry.Key);
            var expected = network.named_buffers().Select(entry => entry.name).Where(name => !IsOf(Other(domain), name));
            Assert.Equal(expected.Order(), moved.Order());
        }
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Images_of_one_domain_give_a_gradient_to_its_own_scales_and_shifts_and_to_all_that_is_shared(string kind)
    {
        using var scope = NewDisposeScope();
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            using var network = TinyNetworks.Trained(kind);

            var logits = network.call(TinyNetworks.Images(kind, 6), new Phase(domain, NormalizationStatistics.Batch));
            nn.functional.cross_entropy(logits, TinyNetworks.Labels(kind, 6)).backward();

            Assert.All(network.named_parameters(), entry => Assert.True(IsOf(Other(domain), entry.name) == entry.parameter.grad is null, entry.name));
        }
    }

    /// <summary>Nothing but the two switches makes the domains alike.</summary>
    [Theory]
    [InlineData("MixtureBatch", true)]
    [InlineData("MixtureBatch, shared affine", true)]
    [InlineData("MixtureBatch, shared statistics", true)]
    [InlineData("MixtureBatch, shared affine, shared statistics", false)]
    public void The_domains_differ_at_test_time_unless_they_share_everything(string normalization, bool differs)
    {
        using var scope = NewDisposeScope();
        using var plain = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = plain.Copy(Normalizations.Of(normalization), ImageDomain.Adversarial);
        var images = TinyNetworks.Images(TinyNetworks.Plain, 4);
        network.call(images.Times(0.5), new Phase(ImageDomain.Clean, NormalizationStatistics.Batch));
        foreach (var (_, parameter) in network.named_parameters().Where(entry => IsOf(ImageDomain.Clean, entry.name)))
        {
            using var noGradient = no_grad();
            parameter.TimesInPlace(1.2);
        }

        using var clean = network.Freeze(ImageDomain.Clean);
        using var adversarial = network.Freeze(ImageDomain.Adversarial);

        Assert.Equal(differs, !clean.Logits(images).Equals(adversarial.Logits(images)));
    }

    [Fact]
    public void Its_name_tells_what_is_shared()
    {
        Assert.Equal("MixtureBatch", $"{Normalization.MixtureBatch}");
        Assert.Equal("MixtureBatch, shared affine", $"{Normalization.MixtureBatch with { SharesAffine = true }}");
        Assert.Equal("MixtureBatch, shared statistics", $"{Normalization.MixtureBatch with { SharesStatistics = true }}");
        Assert.Equal("Batch", $"{Normalization.Batch}");
        Assert.Equal("None", $"{Normalization.None}");
        Assert.Equal("Group, 8 groups", $"{Normalization.Group}");
    }

    private static ImageDomain Other(ImageDomain domain) => domain == ImageDomain.Clean ? ImageDomain.Adversarial : ImageDomain.Clean;

    private static bool IsOf(ImageDomain domain, string name) => name.Contains($".{domain}.", StringComparison.OrdinalIgnoreCase);
}
