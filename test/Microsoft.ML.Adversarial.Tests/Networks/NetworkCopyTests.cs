using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>A copy, a mixture made of a batch network, and a batch network taken out of a mixture compute what they were made from (METHODS 1.3).</summary>
public class NetworkCopyTests
{
    /// <summary>Folding rounds, so the difference need not be nothing.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Kinds => TinyNetworks.NamesByNormalization;

    public static TheoryData<string> Mixtures => Normalizations.NamesOfMixtures;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_copy_computes_the_same_in_both_domains(string kind)
    {
        using var network = TinyNetworks.Trained(kind);
        using var copy = network.Copy(network.Architecture.Normalization, ImageDomain.Clean);

        foreach (var domain in Enum.GetValues<ImageDomain>())
            ComputesTheSame(network, domain, copy, domain);
        Assert.Equal(network.Architecture, copy.Architecture);
        HaveTheSameState(network, copy);
    }

    /// <summary>Extracting is the way back: what comes out is what went in, whichever of the equal domains is taken.</summary>
    [Theory]
    [MemberData(nameof(Mixtures))]
    public void A_batch_network_becomes_a_mixture_with_the_same_outputs_in_both_domains_and_back(string normalization)
    {
        using var network = TinyNetworks.Trained(TinyNetworks.Plain);
        using var mixture = network.Copy(Normalizations.Of(normalization), ImageDomain.Adversarial);

        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            ComputesTheSame(network, ImageDomain.Adversarial, mixture, domain);
            using var back = mixture.Copy(Normalization.Batch, domain);
            HaveTheSameState(network, back);
        }
        Assert.Equal(Normalizations.Of(normalization), mixture.Architecture.Normalization);
    }

    [Theory]
    [InlineData(TinyNetworks.Mixture)]
    [InlineData("mixture, shared affine")]
    [InlineData("mixture, shared statistics")]
    public void Either_domain_of_a_mixture_becomes_a_batch_network_with_its_outputs(string kind)
    {
        using var network = TinyNetworks.Trained(kind);
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            using var extracted = network.Copy(Normalization.Batch, domain);

            ComputesTheSame(network, domain, extracted, ImageDomain.Clean);
            Assert.DoesNotContain(extracted.state_dict().Keys, name => name.Contains(".clean.", StringComparison.Ordinal));
        }
        using var clean = network.Copy(Normalization.Batch, ImageDomain.Clean);
        using var adversarial = network.Copy(Normalization.Batch, ImageDomain.Adversarial);
        Assert.NotEqual(TinyNetworks.State(clean), TinyNetworks.State(adversarial));
    }

    [Fact]
    public void A_copy_remembers_which_domains_entered_updates()
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Fresh(TinyNetworks.Mixture);
        Assert.Equal((false, false), Seen(network));

        network.ForUpdate(NormalizationStatistics.Running).Logits(TinyNetworks.Images(TinyNetworks.Mixture, 2), ImageDomain.Clean);

        Assert.Equal((true, false), Seen(network));
        Assert.Equal((true, false), Seen(network.Copy(Normalization.MixtureBatch, ImageDomain.Adversarial)));
        Assert.Equal((true, true), Seen(network.Copy(Normalization.Batch, ImageDomain.Clean)));
        Assert.Equal((false, false), Seen(network.Copy(Normalization.Batch, ImageDomain.Adversarial)));
        Assert.Equal((true, true), Seen(network.Copy(Normalization.Batch, ImageDomain.Clean).Copy(Normalization.MixtureBatch, ImageDomain.Clean)));

        static (bool Clean, bool Adversarial) Seen(ImageNetwork network) => (network.HasSeen(ImageDomain.Clean), network.HasSeen(ImageDomain.Adversarial));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_copy_lives_by_itself(string kind)
    {
        using var scope = NewDisposeScope();
        var network = TinyNetworks.Trained(kind);
        using var copy = network.Copy(network.Architecture.Normalization, ImageDomain.Adversarial);
        var state = TinyNetworks.State(copy);

        using (no_grad())
        {
            foreach (var (_, tensor) in network.state_dict())
                tensor.AddInPlace(1L);
        }
        Assert.Equal(state, TinyNetworks.State(copy));

        network.Dispose();
        Assert.Equal(state, TinyNetworks.State(copy));
        Assert.All(copy.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    /// <summary>At test time, frozen and not, and in an update.</summary>
    private static void ComputesTheSame(ImageNetwork network, ImageDomain domain, ImageNetwork copy, ImageDomain domainOfCopy)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var images = TinyNetworks.Images(network.Architecture.Image, 5);
        using var frozen = network.Freeze(domain);
        using var frozenCopy = copy.Freeze(domainOfCopy);
        Assert.InRange(TinyNetworks.Difference(frozen.Logits(images), frozenCopy.Logits(images)), 0, Tolerance);

        // An update as the attack on it sees it, which leaves no trace in either.
        foreach (var statistics in (NormalizationStatistics[])[NormalizationStatistics.Running, NormalizationStatistics.BatchUntracked])
            Assert.InRange(TinyNetworks.Difference(network.call(images, new Phase(domain, statistics)), copy.call(images, new Phase(domainOfCopy, statistics))), 0, Tolerance);
    }

    private static void HaveTheSameState(ImageNetwork expected, ImageNetwork actual) =>
        Assert.Equal(TinyNetworks.State(expected), TinyNetworks.State(actual));
}
