using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a network costs, known before it is made.</summary>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="MultiplyAdds">Of all convolutions and the classifying layer for one image: what papers on networks call FLOPs.</param>
internal sealed record NetworkCost(long Parameters, long MultiplyAdds)
{
    public static NetworkCost Of(NetworkArchitecture architecture)
    {
        using var layout = new ResidualNetwork(architecture, META);
        return new NetworkCost(layout.parameters().Sum(parameter => parameter.numel()), CountMultiplyAdds(architecture));
    }

    /// <summary>A convolution costs its weights times the pixels of its output.</summary>
    private static long CountMultiplyAdds(NetworkArchitecture architecture)
    {
        var plan = ResNetTable.Plan(architecture);
        var size = plan.HasLargeStem ? Halved(architecture.Image) : architecture.Image;
        long inputs = plan.Widths[0];
        var total = Convolution(architecture.Image.Channels, inputs, plan.HasLargeStem ? 7 : 3, size);
        if (plan.HasLargeStem)
            size = Halved(size);
        for (var stage = 0; stage < plan.Blocks.Length; stage++)
        {
            for (var block = 0; block < plan.Blocks[stage]; block++)
            {
                var before = size;
                if (stage > 0 && block == 0)
                    size = Halved(size);
                total += Block(plan, inputs, plan.Widths[stage], before, size);
                inputs = plan.Widths[stage] * plan.Expansion;
            }
        }
        return total + inputs * architecture.ClassCount;
    }

    private static long Block(ResNetPlan plan, long inputs, long width, ImageShape before, ImageShape after)
    {
        var outputs = width * plan.Expansion;
        var main = plan.IsBottleneck
            ? Convolution(inputs, width, 1, before) + Convolution(width, width, 3, after) + Convolution(width, outputs, 1, after)
            : Convolution(inputs, width, 3, after) + Convolution(width, outputs, 3, after);
        return main + (before != after || inputs != outputs ? Convolution(inputs, outputs, 1, after) : 0);
    }

    private static long Convolution(long inputs, long outputs, long kernel, ImageShape output) => inputs * outputs * kernel * kernel * output.Height * output.Width;

    /// <summary>As convolutions and pooling of stride 2 round.</summary>
    private static ImageShape Halved(ImageShape image) => new(image.Channels, (image.Height + 1) / 2, (image.Width + 1) / 2);
}
