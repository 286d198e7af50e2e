using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>That it survives freezing and export, the network contract shows.</summary>
public class GroupNormalizationTests
{
    /// <summary>Wu and He 2018, equation 7: (x - mean)/sqrt(variance + 1e-5) over two channels of one image each, then scale and shift.</summary>
    [Fact]
    public void A_layer_normalises_each_image_over_each_group_of_channels()
    {
        using var scope = NewDisposeScope();
        var layer = new GroupNormalizationLayer(6, 3, CPU);
        using var weights = new NameModule();
        layer.Register(weights);
        weights.get_parameter("weight")!.detach().copy_(tensor(new float[] { 1, 2, 3, 4, 5, 6 }));
        weights.get_parameter("bias")!.detach().copy_(tensor(new float[] { 0, 1, 0, -1, 0, 2 }));
        var images = TinyNetworks.Images(new ImageShape(6, 5, 4), 2);

        var actual = layer.Forward(Activations.Given(images), new Phase(ImageDomain.Clean, NormalizationStatistics.Running)).Values;

        var grouped = images.reshape(2, 3, -1);
        var normalised = (grouped - grouped.mean([2], keepdim: true)) / grouped.var([2], unbiased: false, keepdim: true).Plus(1e-5).sqrt();
        var expected = normalised.reshape(2, 6, 5, 4) * weights.get_parameter("weight")!.view(6, 1, 1);
        Assert.InRange(TinyNetworks.Difference(expected.Plus(weights.get_parameter("bias")!.view(6, 1, 1)), actual), 0, 1e-5);
    }

    [Theory]
    [InlineData(TinyNetworks.Group)]
    [InlineData("none")]
    public void Neither_the_batch_nor_the_domain_nor_the_phase_changes_an_image_s_logits(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TinyNetworks.Trained(kind);
        var images = TinyNetworks.Images(kind, 3);
        var expected = network.call(images, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running));

        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            Assert.All(Enum.GetValues<NormalizationStatistics>(), statistics => Assert.True(expected.Equals(network.call(images, new Phase(domain, statistics)))));
            Assert.InRange(TinyNetworks.Difference(expected[1..2], network.call(images[1..2], new Phase(domain, NormalizationStatistics.Batch))), 0, 1e-5);
        }
    }

    [Theory]
    [InlineData(16, 5)]
    [InlineData(4, 8)]
    public void Groups_that_do_not_divide_the_width_are_refused_with_both_numbers(int width, int groups)
    {
        var architecture = TinyNetworks.Architecture(TinyNetworks.Group) with { Backbone = new ResNet(8) { Width = width }, Normalization = Normalization.Group with { Groups = groups } };

        var refused = Assert.Throws<ArgumentException>(() => new ImageNetwork(architecture, META));

        Assert.Contains($"{groups} groups", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{width} channels", refused.Message, StringComparison.Ordinal);
        Assert.Contains("divisor of Width", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_number_of_groups_outside_its_range_is_refused_where_it_is_set(int groups)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => Normalization.Group with { Groups = groups });

        Assert.StartsWith($"Groups must be from 1 to 1024; it is {groups}.", refused.Message, StringComparison.Ordinal);
    }
}
