namespace Microsoft.ML.Adversarial;

/// <summary>Which residual network a depth stands for; some depths (50, 152, 200, 338, 518, 638) exist in both families.</summary>
public enum NetworkFamily
{
    /// <summary>Three stages for images of at most 64 x 64 pixels where the depth is 6n + 2, otherwise four stages.</summary>
    Automatic,

    /// <summary>
    /// He et al. 2016 (section 4.2), made for small images: a 3 x 3 stem and three stages of n basic blocks; depth 6n + 2 (8, 14, 20, 32, 44, 56, 110, ...).
    /// </summary>
    ThreeStage,

    /// <summary>
    /// He et al. 2016 (table 1), made for large images: four stages of basic blocks (18, 34) or bottleneck blocks (50, 101, 152, 200, 338, 518, 638). Above
    /// 64 pixels the stem is a 7 x 7 convolution of stride 2 and a max pooling, up to 64 pixels a 3 x 3 convolution.
    /// </summary>
    FourStage,
}
