
namespace Microsoft.ML.Adversarial;

/// <summary>
/// A window of random area, aspect ratio and place, cut out of the image and resized bilinearly to the image's own size (Szegedy et al. 2015, section 6;
/// drawn as torchvision's RandomResizedCrop draws it: where ten draws do not fit into the image, the largest central window of an allowed aspect ratio is taken).
/// </summary>
/// <remarks>
/// Images enter the trainer at one size, and the window is cut out of that image, not out of the photograph that <c>ResizeImages</c> made it from: a small
/// window shows fewer details than one of the photograph would. Windows are only ever enlarged, so nothing needs smoothing first.
/// </remarks>
public sealed record RandomResizedCrop : Described
{
    /// <summary>The smallest window, as a share of the image's area; areas are uniform.</summary>
    /// <value>Default 0.08; above 0 and at most <see cref="MaximumArea"/>. Szegedy et al. 2015 use 0.08.</value>
    public double MinimumArea { get; init => field = Require.AboveZero(value, 1); } = 0.08;

    /// <summary>The largest window, as a share of the image's area.</summary>
    /// <value>Default 1, the whole image; from <see cref="MinimumArea"/> to 1.</value>
    public double MaximumArea { get; init => field = Require.AboveZero(value, 1); } = 1;

    /// <summary>The narrowest window's width, as a share of its height; aspect ratios are log-uniform, so that a window is as often tall as wide.</summary>
    /// <value>Default 3/4 (Szegedy et al. 2015); from 0.01 to <see cref="MaximumAspect"/>.</value>
    public double MinimumAspect { get; init => field = Require.InRange(value, 0.01, 100); } = 3 / 4.0;

    /// <summary>The widest window's width, as a multiple of its height.</summary>
    /// <value>Default 4/3 (Szegedy et al. 2015); from <see cref="MinimumAspect"/> to 100.</value>
    public double MaximumAspect { get; init => field = Require.InRange(value, 0.01, 100); } = 4 / 3.0;

    private RandomWindow Windows => new(MinimumArea, MaximumArea, MinimumAspect, MaximumAspect);

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("minimum area", MinimumArea);
        identity.Add("maximum area", MaximumArea);
        identity.Add("minimum aspect", MinimumAspect);
        identity.Add("maximum aspect", MaximumAspect);
    }

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();

    /// <exception cref="ArgumentException">A minimum lies above its maximum.</exception>
    internal void Check() => Windows.Check("ResizedCrop");

    /// <summary>The window to cut out; the seed alone decides which.</summary>
    internal ImageWindow Window(ImageShape image, Seed seed) => Windows.In(image, seed);
}
