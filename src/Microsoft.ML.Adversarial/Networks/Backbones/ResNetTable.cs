namespace Microsoft.ML.Adversarial;

/// <summary>The residual networks by depth: the one table.</summary>
internal static class ResNetTable
{
    /// <summary>
    /// Blocks per stage of the four-stage nets: 18 to 152 from He et al. 2016 (table 1), 200 from He et al. 2016b. The split of 338, 518 and 638
    /// (Xie &amp; Yuille 2020, section 5) is not published; ours keeps 3 blocks at both ends and shares the other (depth - 2)/3 - 6 between the middle stages in
    /// ResNet-200's proportion of 24 to 36, rounded down for stage 2.
    /// </summary>
    private static readonly SortedDictionary<int, int[]> FourStageBlocks = new()
    {
        [18] = [2, 2, 2, 2],
        [34] = [3, 4, 6, 3],
        [50] = [3, 4, 6, 3],
        [101] = [3, 4, 23, 3],
        [152] = [3, 8, 36, 3],
        [200] = [3, 24, 36, 3],
        [338] = VeryDeep(338),
        [518] = VeryDeep(518),
        [638] = VeryDeep(638),
    };

    private static readonly int[] BasicDepths = [18, 34];

    /// <summary>The depths with four stages, for messages.</summary>
    public static string FourStageDepths => string.Join(", ", FourStageBlocks.Keys);

    /// <exception cref="ArgumentOutOfRangeException">The family has no such depth, or the image is too small for it.</exception>
    public static ResNetPlan Plan(ResNet network, ImageShape image)
    {
        var isSmall = Math.Max(image.Height, image.Width) <= SmallImages.Largest;
        var isThreeStage = network.Family switch
        {
            NetworkFamily.ThreeStage => true,
            NetworkFamily.FourStage => false,
            _ => isSmall && IsThreeStageDepth(network.Depth),
        };
        var plan = isThreeStage ? ThreeStage(network, image) : FourStage(network, image, isSmall);
        SmallImages.CheckLeast(network, image, plan.TotalStride);
        return plan;
    }

    /// <returns>null where there is no network of this depth with four stages.</returns>
    public static ResNetPlan? FourStageOf(int depth, int width, bool hasLargeStem) => FourStageBlocks.TryGetValue(depth, out var blocks)
        ? new ResNetPlan(IsBottleneck: !BasicDepths.Contains(depth), blocks, Doubling(width, 4), hasLargeStem)
        : null;

    private static ResNetPlan ThreeStage(ResNet network, ImageShape image)
    {
        if (!IsThreeStageDepth(network.Depth))
            throw UnknownDepth(network, image);
        var blocks = (network.Depth - 2) / 6;
        return new ResNetPlan(IsBottleneck: false, [blocks, blocks, blocks], Doubling(network.Width ?? 16, 3), HasLargeStem: false);
    }

    private static ResNetPlan FourStage(ResNet network, ImageShape image, bool isSmall) =>
        FourStageOf(network.Depth, network.Width ?? 64, hasLargeStem: !isSmall) ?? throw UnknownDepth(network, image);

    private static bool IsThreeStageDepth(int depth) => depth >= 8 && depth <= 1202 && (depth - 2) % 6 == 0;

    private static int[] Doubling(int width, int stages) => [.. Enumerable.Range(0, stages).Select(stage => width << stage)];

    private static int[] VeryDeep(int depth)
    {
        var middle = (depth - 2) / 3 - 6;
        var second = middle * 24 / 60;
        return [3, second, middle - second, 3];
    }

    private static ArgumentOutOfRangeException UnknownDepth(ResNet network, ImageShape image) =>
        new(
            nameof(network),
            $"Depth is {network.Depth}, which no network for images of {image} and family {network.Family} has. Expected: 6n + 2 "
            + $"from 8 to 1202 (three stages, images of at most {SmallImages.Largest} pixels unless Family says ThreeStage), or one of {FourStageDepths} (four stages).");
}
