namespace Microsoft.ML.Adversarial;

/// <summary>A window of random area, aspect ratio and place that is made black (Zhong et al. 2020, arXiv:1708.04896): an image is to be known by more than one of its parts.</summary>
/// <remarks>With cutout's square (DeVries &amp; Taylor 2017, arXiv:1708.04552) and an average of the weights it raises robust accuracy (Rebuffi et al. 2021, arXiv:2103.01946, section 4); here the window lies wholly inside the image.</remarks>
public sealed record RandomErasing : Described
{
    /// <summary>A square of a quarter of the area in every image: cutout as DeVries &amp; Taylor 2017 use it on CIFAR-10 (16 of 32 pixels each way).</summary>
    public static RandomErasing Cutout { get; } = new() { Probability = 1, MinimumArea = 0.25, MaximumArea = 0.25, MinimumAspect = 1, MaximumAspect = 1 };

    /// <summary>The share of the images in which something is erased.</summary>
    /// <value>Default 0.5, as in the source; from 0 to 1.</value>
    public double Probability { get; init => field = Require.InRange(value, 0, 1); } = 0.5;

    /// <summary>The smallest window, as a share of the image's area; areas are uniform.</summary>
    /// <value>Default 0.02, as in the source; above 0 and at most <see cref="MaximumArea"/>.</value>
    public double MinimumArea { get; init => field = Require.AboveZero(value, 1); } = 0.02;

    /// <summary>The largest window, as a share of the image's area.</summary>
    /// <value>Default 0.4, as in the source; from <see cref="MinimumArea"/> to 1.</value>
    public double MaximumArea { get; init => field = Require.AboveZero(value, 1); } = 0.4;

    /// <summary>The narrowest window's width, as a share of its height.</summary>
    /// <value>Default 0.3, as in the source; from 0.01 to <see cref="MaximumAspect"/>.</value>
    public double MinimumAspect { get; init => field = Require.InRange(value, 0.01, 100); } = 0.3;

    /// <summary>The widest window's width, as a multiple of its height.</summary>
    /// <value>Default 1/0.3, as in the source; from <see cref="MinimumAspect"/> to 100.</value>
    public double MaximumAspect { get; init => field = Require.InRange(value, 0.01, 100); } = 1 / 0.3;

    private RandomWindow Window => new(MinimumArea, MaximumArea, MinimumAspect, MaximumAspect) { IsNeverLarger = true };

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("probability", Probability);
        identity.Add("minimum area", MinimumArea);
        identity.Add("maximum area", MaximumArea);
        identity.Add("minimum aspect", MinimumAspect);
        identity.Add("maximum aspect", MaximumAspect);
    }

    /// <exception cref="ArgumentException">A minimum lies above its maximum.</exception>
    internal void Check() => Window.Check("Erasing");

    /// <summary>Changes an image in place; the seed alone decides how.</summary>
    internal void Apply(Span<float> image, ImageShape shape, Seed seed)
    {
        if (seed.For("whether").Uniform() >= Probability)
            return;
        var window = Window.In(shape, seed);
        for (var plane = 0; plane < shape.Channels; plane++)
            for (var y = window.Top; y < window.Top + window.Height; y++)
                image.Slice((plane * shape.Height + y) * shape.Width + window.Left, window.Width).Clear();
    }
}
