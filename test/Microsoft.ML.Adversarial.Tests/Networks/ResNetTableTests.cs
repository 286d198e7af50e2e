
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
        var plan = Plan(depth, 224, 224);

        Assert.True(plan.IsBottleneck);
        Assert.Equal([first, second, third, fourth], plan.Blocks);
        Assert.Equal((depth - 2) / 3, plan.Blocks.Sum());
    }

    [Theory]
    [InlineData(18, 2, 2, 2, 2)]
    [InlineData(34, 3, 4, 6, 3)]
    public void A_basic_four_stage_network_has_the_blocks_of_the_table(int depth, int first, int second, int third, int fourth)
    {
        var plan = Plan(depth, 224, 224);

        Assert.False(plan.IsBottleneck);
        Assert.Equal([first, second, third, fourth], plan.Blocks);
        Assert.Equal([64, 128, 256, 512], plan.Widths);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(20, 3)]
    [InlineData(50, 8)]
    [InlineData(110, 18)]
    [InlineData(1202, 200)]
    public void A_network_for_small_images_has_three_stages_of_n_blocks(int depth, int blocks)
    {
        var plan = Plan(depth, 32, 32);

        Assert.False(plan.IsBottleneck || plan.HasLargeStem);
        Assert.Equal([blocks, blocks, blocks], plan.Blocks);
        Assert.Equal([16, 32, 64], plan.Widths);
    }

    [Theory]
    [InlineData(64, 64, NetworkFamily.Automatic, 3, false)]
    [InlineData(65, 64, NetworkFamily.Automatic, 4, true)]
    [InlineData(64, 65, NetworkFamily.Automatic, 4, true)]
    [InlineData(64, 64, NetworkFamily.FourStage, 4, false)]
    [InlineData(224, 224, NetworkFamily.ThreeStage, 3, false)]
    public void A_depth_of_both_families_goes_by_the_image_unless_the_family_is_stated(int height, int width, NetworkFamily family, int stages, bool hasLargeStem)
    {
        var plan = Plan(50, height, width, family);

        Assert.Equal(stages, plan.Blocks.Length);
        Assert.Equal(hasLargeStem, plan.HasLargeStem);
    }

    [Theory]
    [InlineData(21, 32, NetworkFamily.Automatic)]
    [InlineData(2, 32, NetworkFamily.Automatic)]
    [InlineData(1208, 32, NetworkFamily.ThreeStage)]
    [InlineData(20, 224, NetworkFamily.Automatic)]
    [InlineData(20, 32, NetworkFamily.FourStage)]
    [InlineData(18, 32, NetworkFamily.ThreeStage)]
    public void An_unknown_depth_is_refused_with_those_that_exist(int depth, int size, NetworkFamily family)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Plan(depth, size, size, family));

        Assert.Contains($"Depth is {depth},", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"3 x {size} x {size}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("6n + 2 from 8 to 1202", exception.Message, StringComparison.Ordinal);
        Assert.Contains("18, 34, 50, 101, 152, 200, 338, 518, 638", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, 3, 32, 4)]
    [InlineData(18, 32, 7, 8)]
    [InlineData(50, 224, 31, 32)]
    public void An_image_too_small_for_the_network_is_refused_with_the_least_size(int depth, int height, int width, int least)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Plan(depth, height, width));

        Assert.Contains($"ResNet-{depth} needs images of at least {least} x {least} pixels", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"3 x {height} x {width}", exception.Message, StringComparison.Ordinal);
    }

    private static ResNetPlan Plan(int depth, int height, int width, NetworkFamily family = NetworkFamily.Automatic) =>
        ResNetTable.Plan(new ResNet(depth) { Family = family }, new ImageShape(3, height, width));
}
