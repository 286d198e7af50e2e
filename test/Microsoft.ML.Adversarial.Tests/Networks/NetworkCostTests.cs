using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What a network costs, from the shapes that pass through it: an independent check on the table of depths.</summary>
public class NetworkCostTests
{
    /// <summary>Xie and Yuille 2020, section 5 and figure 6: billions of multiply-adds for a colour image of 224 x 224.</summary>
    [Theory]
    [InlineData(152, 11.5)]
    [InlineData(200, 15.1)]
    [InlineData(338, 25.2)]
    [InlineData(518, 38.3)]
    [InlineData(638, 47.1)]
    public void A_deep_network_costs_what_the_paper_says(int depth, double billions) =>
        Assert.InRange(MultiplyAdds(depth) / 1e9 / billions, 0.98, 1.02);

    /// <summary>What the library says, against a count of its own by the layers' names.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(152)]
    public void The_library_counts_the_same(int depth)
    {
        var cost = NetworkCost.Of(At224(depth));

        Assert.Equal(MultiplyAdds(depth), cost.MultiplyAdds);
        using var network = new ImageNetwork(At224(depth), META);
        Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), cost.Parameters);
    }

    /// <summary>By hand: 3x3 stem, three stages of one block at 32, 16 and 8 pixels, shortcuts of 1x1, ten classes.</summary>
    [Fact]
    public void A_network_for_small_images_costs_what_a_pencil_says()
    {
        var cost = NetworkCost.Of(new NetworkArchitecture { Backbone = new ResNet(8) { Width = 4 }, Image = new ImageShape(1, 32, 32), ClassCount = 10 });

        const long stem = 1 * 4 * 9 * 1024, first = 2 * 4 * 4 * 9 * 1024;
        const long second = (4 * 8 * 9 + 8 * 8 * 9 + 4 * 8) * 256, third = (8 * 16 * 9 + 16 * 16 * 9 + 8 * 16) * 64;
        Assert.Equal(stem + first + second + third + 16 * 10, cost.MultiplyAdds);
    }

    /// <summary>As above: a stem of 16, blocks of two convolutions, shortcuts where the width changes. The width is the first stage's.</summary>
    [Fact]
    public void A_wide_network_costs_what_a_pencil_says()
    {
        var cost = NetworkCost.Of(new NetworkArchitecture { Backbone = new WideResNet(10, 2) { PadsAtEnd = true }, Image = new ImageShape(3, 32, 32), ClassCount = 10 });

        const long stem = 3 * 16 * 9 * 1024, first = (16 * 32 * 9 + 32 * 32 * 9 + 16 * 32) * 1024;
        const long second = (32 * 64 * 9 + 64 * 64 * 9 + 32 * 64) * 256, third = (64 * 128 * 9 + 128 * 128 * 9 + 64 * 128) * 64;
        Assert.Equal(stem + first + second + third + 128 * 10, cost.MultiplyAdds);
        Assert.Equal(32, cost.Width);
    }

    /// <summary>METHODS 1.4: at 224 pixels every bottleneck block with an identity shortcut costs the same in every stage.</summary>
    [Fact]
    public void Every_further_block_costs_218_million() =>
        Assert.InRange((MultiplyAdds(200) - MultiplyAdds(152)) / 16e6, 218.3, 218.5);

    private static NetworkArchitecture At224(int depth) => new() { Backbone = new ResNet(depth), Image = new ImageShape(3, 224, 224), ClassCount = 1000 };

    /// <summary>A convolution costs its weights times the pixels of its output; torch's meta device knows shapes only, so the sizes are worked out here.</summary>
    private static double MultiplyAdds(int depth)
    {
        using var network = new ImageNetwork(At224(depth), META);
        return network.named_parameters()
            .Where(entry => entry.parameter.dim() > 1)
            .Sum(entry => (double)entry.parameter.numel() * Math.Pow(OutputSize(entry.name), 2));
    }

    /// <summary>Pixels along a side: 112 behind the stem's stride, 56 behind its pooling, halved by the 3x3 (conv2) and the shortcut of each later stage's first block.</summary>
    private static int OutputSize(string name)
    {
        if (!name.StartsWith("layer", StringComparison.Ordinal))
            return name == "conv1.weight" ? 112 : 1;
        var stage = name[5] - '0';
        var isBeforeTheStride = stage > 1 && name[6..].StartsWith(".0.conv1", StringComparison.Ordinal);
        return 56 >> (isBeforeTheStride ? stage - 2 : stage - 1);
    }
}
