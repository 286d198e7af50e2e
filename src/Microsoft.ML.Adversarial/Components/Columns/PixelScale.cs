namespace Microsoft.ML.Adversarial;

/// <summary>Whether vectors hold pixels on the scale that they are said to have: on any other, a budget would not mean what it says.</summary>
internal static class PixelScale
{
    private const int Images = 256;

    /// <summary>So much of the stated range is used by any images but those of another scale, whatever is on them; whole grey levels need one of them.</summary>
    private const float LeastShare = 1f / 16, LeastShareOfLevels = 1f / 255;

    /// <summary>Reads the first images. Columns of images hold whole grey levels by their type.</summary>
    /// <exception cref="InvalidDataException">The values cannot be pixels of the stated range, or a row is not what it should be, or no image can be read.</exception>
    public static void Check(ImageReader reader)
    {
        if (reader.Format is not PixelVectorFormat format)
            return;
        var (count, areLevels, steps) = (0, true, new PixelSteps(format.Shape.Length));
        foreach (var image in reader.Read().Take(Images))
        {
            count++;
            areLevels &= image.IsWholeLevels;
            steps.Add(image);
        }
        if (count > 0)
            Check(format.Range, count, reader.HighestValue, areLevels ? LeastShareOfLevels : LeastShare, areLevels ? null : steps.Differing());
        else if (reader.Skipped.Count > 0)
            throw new InvalidDataException($"None of the images can be read. The first: {reader.Skipped.First}");
    }

    private static void Check(PixelRange range, int count, float highest, float leastShare, (double Least, double Most)? steps)
    {
        if (highest <= range.Minimum + range.Span * leastShare)
            throw new InvalidDataException(
                FormattableString.Invariant($"No pixel of the first {count} images is above {highest}, but PixelRange says {range}: the values are on another scale, on which a budget would cover far more than it says. Expected the stated range to be used. ")
                + "Where ExtractPixels scales the pixels, state their scale: PixelRange.Unit or PixelRange.Signed. Where a normalizer does, leave it out: the network normalises by itself.");
        if (steps is var (least, most))
            throw new InvalidDataException(
                FormattableString.Invariant($"In the first {count} images the pixel at each position takes whole steps of a size of its own, from {least * 100:0.###} to {most * 100:0.###} % of PixelRange {range}: each position was rescaled by itself, as normalizers do, ")
                + $"and a budget would be another number of grey levels at each. {Remedy}");
    }

    /// <summary>What to do about values that were normalised position by position.</summary>
    public const string Remedy = "Expected pixels as ExtractPixels makes them, on one scale: leave the normalizer out, since the network normalises by itself (PixelNormalization); "
        + "or, for EvaluateBlackBox, make it a stage of the model behind the pixels.";
}
