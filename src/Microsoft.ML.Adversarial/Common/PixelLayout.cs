namespace Microsoft.ML.Adversarial;

/// <summary>The order of an image's numbers in a vector column, as <c>ExtractPixels</c> writes them.</summary>
public enum PixelLayout
{
    /// <summary>One colour plane after the other: [channels, height, width]; <c>interleavePixelColors: false</c>, ExtractPixels' default.</summary>
    Planar,

    /// <summary>The colours of a pixel side by side: [height, width, channels]; <c>interleavePixelColors: true</c>.</summary>
    Interleaved,
}
