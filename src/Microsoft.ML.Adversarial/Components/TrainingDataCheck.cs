using Microsoft.ML.Adversarial.Data;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>What is looked at before the first weight update, so that a mistake in the data shows at once and by name.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Counts the rows of each class, without touching their images.</summary>
    /// <returns>All rows.</returns>
    /// <exception cref="InvalidDataException">There is no row, there are fewer than two classes, or a class has no row.</exception>
    public static int CountImages(ImageReader reader, ClassLabels classes, ImageClassificationOptions options, Action<string> warn)
    {
        var counts = new int[classes.Count];
        var (previous, changes, missing) = (-1, 0, 0);
        foreach (var label in reader.ReadLabels())
        {
            changes += label != previous ? 1 : 0;
            previous = label;
            if (label < 0)
                missing++;
            else
                counts[label]++;
        }

        var total = counts.Sum();
        if (total + missing == 0)
            throw new InvalidDataException("The training data has no rows; expected labelled images.");
        if (classes.Count < 2)
            throw new InvalidDataException($"Label column '{options.LabelColumnName}' has {classes.Count} class ({string.Join(", ", classes.Names)}); expected at least 2.");
        if (Array.IndexOf(counts, 0) is var empty and >= 0)
            throw new InvalidDataException($"Class '{classes.Names[empty]}' of label column '{options.LabelColumnName}' has no image; expected at least one of each class.");

        var isSorted = changes == classes.Count;
        if (isSorted && !options.CacheImages && options.ShufflePoolSize < total)
            warn($"The {total} rows are sorted by class, and the shuffle pool holds {options.ShufflePoolSize} images: batches will hold few classes. "
                + "Shuffle the rows, raise ShufflePoolSize, or set CacheImages.");
        return total + missing;
    }

    /// <summary>Reads the first images: pixels that use no more than a 255th of the stated range are on another scale.</summary>
    /// <exception cref="InvalidDataException">The scale is not the stated one, a row is not what it should be, or no image can be read.</exception>
    public static void CheckScale(ImageReader reader, PixelRange range, int images)
    {
        var count = reader.Read().Take(images).Count();
        if (count == 0)
            throw new InvalidDataException($"None of the images can be read. The first: {reader.Skipped.First}");
        if (reader.HighestValue <= range.Minimum + range.Span / 255)
            throw new InvalidDataException(
                FormattableString.Invariant($"No pixel of the first {count} images is above {reader.HighestValue}, but PixelRange says {range}; expected the stated range to be used. ")
                + "Where ExtractPixels scales the pixels, state their scale: PixelRange.Unit or PixelRange.Signed.");
    }
}
