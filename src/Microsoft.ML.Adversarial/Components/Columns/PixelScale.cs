
namespace Microsoft.ML.Adversarial;

/// <summary>Whether vectors hold pixels on the scale that they are said to have.</summary>
internal static class PixelScale
{
    private const int Probe = 256;

    /// <summary>Reads the first images: pixels that use no more than a 255th of the stated range are on another scale.</summary>
    /// <returns>How many images were read.</returns>
    /// <exception cref="InvalidDataException">The scale is not the stated one, or a row is not what it should be.</exception>
    public static int Check(ImageReader reader, PixelRange range)
    {
        var count = reader.Read().Take(Probe).Count();
        if (count > 0 && reader.HighestValue <= range.Minimum + range.Span / 255)
            throw new InvalidDataException(
                FormattableString.Invariant($"No pixel of the first {count} images is above {reader.HighestValue}, but PixelRange says {range}; expected the stated range to be used. ")
                + "Where ExtractPixels scales the pixels, state their scale: PixelRange.Unit or PixelRange.Signed.");
        return count;
    }
}
