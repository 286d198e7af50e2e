
namespace Microsoft.ML.Adversarial;

/// <summary>The values that stand for black and for full brightness in a vector column.</summary>
public sealed record PixelRange : Described
{
    /// <summary>A range of pixel values.</summary>
    /// <param name="minimum">The value of black.</param>
    /// <param name="maximum">The value of full brightness, above <paramref name="minimum"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public PixelRange(float minimum, float maximum)
    {
        Minimum = (float)Require.InRange(minimum, -1e6, 1e6, nameof(minimum));
        Maximum = (float)Require.InRange(maximum, -1e6, 1e6, nameof(maximum));
        if (maximum <= minimum)
            throw new ArgumentOutOfRangeException(nameof(maximum), FormattableString.Invariant($"maximum must be above minimum, which is {minimum}; it is {maximum}."));
    }

    /// <summary>0 to 255, as <c>ExtractPixels</c> delivers pixels by default.</summary>
    public static PixelRange GreyLevels { get; } = new(0, 255);

    /// <summary>0 to 1: <c>ExtractPixels</c> with <c>scaleImage: 1f / 255</c>.</summary>
    public static PixelRange Unit { get; } = new(0, 1);

    /// <summary>-1 to 1: <c>ExtractPixels</c> with <c>offsetImage: 127.5f, scaleImage: 1 / 127.5f</c>.</summary>
    public static PixelRange Signed { get; } = new(-1, 1);

    /// <summary>The value of black.</summary>
    public float Minimum { get; }

    /// <summary>The value of full brightness.</summary>
    public float Maximum { get; }

    internal float Span => Maximum - Minimum;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Minimum}..{Maximum}");

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("minimum", Minimum);
        identity.Add("maximum", Maximum);
    }
}
