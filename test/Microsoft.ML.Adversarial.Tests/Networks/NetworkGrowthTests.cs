using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

public class NetworkGrowthTests
{
    [Theory]
    [MemberData(nameof(Normalizations.NamesOfMixtures), MemberType = typeof(Normalizations))]
    public void A_grown_network_scores_as_the_shallower_one_did(string normalization)
    {
        using var shallow = Trained(8, 4, Normalizations.Of(normalization));
        using var deep = ImageNetwork.Create(shallow.Architecture with { Backbone = shallow.Architecture.Backbone.WithDepth(20) }, CPU, new Seed(9));
        using var images = rand(5, 1, 12, 12);

        Assert.True(deep.GrowFrom(shallow));

        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            using var before = shallow.Freeze(domain);
            using var after = deep.Freeze(domain);
            Assert.Equal(0, before.Logits(images).sub(after.Logits(images)).abs().max().item<float>(), 1e-6);
            Assert.Equal(shallow.HasSeen(domain), deep.HasSeen(domain));
        }
    }

    /// <summary>A block that ends with a convolution starts by He's initialisation in a network of its own, and as its shortcut where the network has grown by it.</summary>
    [Fact]
    public void A_network_that_normalises_first_grows_as_well()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var shallow = Trained(Architecture(8, 4, Normalization.Batch) with { Backbone = new WideResNet(10, 1) });
        using var deep = ImageNetwork.Create(shallow.Architecture with { Backbone = shallow.Architecture.Backbone.WithDepth(22) }, CPU, new Seed(9));
        Assert.True(deep.get_parameter("block2.layer.2.conv2.weight")!.abs().max().item<float>() > 0);
        var images = rand(5, 1, 12, 12);

        Assert.True(deep.GrowFrom(shallow));

        using var before = shallow.Freeze(ImageDomain.Clean);
        using var after = deep.Freeze(ImageDomain.Clean);
        Assert.Equal(0, before.Logits(images).sub(after.Logits(images)).abs().max().item<float>(), 1e-6);
        Assert.Equal(0, deep.get_parameter("block2.layer.2.conv2.weight")!.abs().max().item<float>());
        Assert.True(deep.get_parameter("block2.layer.0.conv2.weight")!.Equals(shallow.get_parameter("block2.layer.0.conv2.weight")!));
    }

    [Fact]
    public void Its_further_blocks_learn()
    {
        using var shallow = Trained(8, 4, Normalization.Batch);
        using var deep = ImageNetwork.Create(shallow.Architecture with { Backbone = shallow.Architecture.Backbone.WithDepth(14) }, CPU, new Seed(9));
        deep.GrowFrom(shallow);
        using var images = rand(5, 1, 12, 12);

        using var update = deep.ForUpdate(NormalizationStatistics.Batch);
        using var loss = update.Logits(images, ImageDomain.Clean).logsumexp(1).mean();
        update.Backward(loss);

        using var gradient = deep.named_parameters().Single(entry => entry.name == "layer1.1.bn2.weight").parameter.grad;
        Assert.True(gradient!.abs().max().item<float>() > 0);
    }

    [Theory]
    [InlineData(8, 6)]
    [InlineData(20, 4)]
    public void Weights_that_have_no_place_change_nothing(int depth, int width)
    {
        using var other = Trained(depth, width, Normalization.Batch);
        using var network = ImageNetwork.Create(Architecture(14, 4, Normalization.Batch), CPU, new Seed(9));
        using var before = new WeightSnapshot(network);
        before.Take();

        Assert.False(network.GrowFrom(other));

        var after = network.state_dict();
        Assert.All(before.Named, entry => Assert.True(entry.Tensor.allclose(after[entry.Name], rtol: 0, atol: 0)));
    }

    private static NetworkArchitecture Architecture(int depth, int width, Normalization normalization) =>
        new() { Backbone = new ResNet(depth) { Width = width }, Image = new ImageShape(1, 12, 12), ClassCount = 3, Normalization = normalization };

    /// <summary>With statistics and scales that are no longer those of the start.</summary>
    private static ImageNetwork Trained(int depth, int width, Normalization normalization) => Trained(Architecture(depth, width, normalization));

    private static ImageNetwork Trained(NetworkArchitecture architecture)
    {
        var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Seed(2).TorchGenerator();
        foreach (var (name, parameter) in network.named_parameters())
            if (parameter.dim() == 1)
                parameter.uniform_(0.5, 1.5, generator);
        foreach (var domain in Enum.GetValues<ImageDomain>())
        {
            network.MarkSeen(domain);
            network.call(rand(8, 1, 12, 12, generator: generator), new Phase(domain, NormalizationStatistics.Batch));
        }
        return network;
    }
}
