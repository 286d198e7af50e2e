
namespace Microsoft.ML.Adversarial;

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
}
