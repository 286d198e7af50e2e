namespace Microsoft.ML.Adversarial;

/// <summary>A residual network as counts and widths, before any layer exists.</summary>
/// <param name="IsBottleneck">1x1, 3x3, 1x1 convolutions with four times the width at the end, instead of two 3x3 convolutions.</param>
/// <param name="Blocks">Residual blocks in each stage; every stage but the first halves the image.</param>
/// <param name="Widths">Channels inside the blocks of each stage.</param>
/// <param name="HasLargeStem">7x7 convolution of stride 2 and max pooling, instead of a 3x3 convolution.</param>
internal sealed record ResNetPlan(bool IsBottleneck, int[] Blocks, int[] Widths, bool HasLargeStem)
{
    public int Expansion => IsBottleneck ? 4 : 1;

    /// <summary>By how much the last stage's images are smaller than the input.</summary>
    public int TotalStride => (HasLargeStem ? 4 : 1) << (Blocks.Length - 1);
}
