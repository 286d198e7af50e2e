using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;

namespace Microsoft.ML.Adversarial.Tests.Networks;

public class ResNetTableTests
{
    [Theory]
    [InlineData(50, 3, 4, 6, 3)]
    [InlineData(101, 3, 4, 23, 3)]
    [InlineData(152, 3, 8, 36, 3)]
    [InlineData(200, 3, 24, 36, 3)]
    [InlineData(338, 3, 42, 64, 3)]
    [InlineData(518, 3, 66, 100, 3)]
    [InlineData(638, 3, 82, 124, 3)]
    public void A_bottleneck_network_has_the_blocks_of_the_table(int depth, int first, int second, int third, int fourth)
    {
        var plan = ResNetTable.Plan(new NetworkArchitecture { Image = new ImageShape(3, 224, 224), ClassCount = 1000, Depth = depth });

        Assert.True(plan.IsBottleneck);
        Assert.Equal([first, second, third, fourth], plan.Blocks);
        Assert.Equal((depth - 2) / 3, plan.Blocks.Sum());
    }
}
