
namespace Microsoft.ML.Adversarial;

/// <summary>What is looked at before the first weight update, so that a mistake in the data shows at once and by name.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Counts the rows of each class, without touching their images.</summary>
    /// <returns>All rows.</returns>
    /// <exception cref="InvalidDataException">There is no row, or fewer than two classes have rows.</exception>
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
        if (counts.Count(count => count > 0) < 2)
            throw new InvalidDataException($"Of the {classes.Count} classes of label column '{options.LabelColumnName}' {(total == 0 ? "none" : $"only '{classes.Names[Array.FindIndex(counts, count => count > 0)]}'")} has images; expected at least 2 that have.");
        if (counts.Index().Where(entry => entry.Item == 0).Select(entry => $"'{classes.Names[entry.Index]}'").ToList() is { Count: > 0 } empty)
            warn($"Of class {string.Join(", ", empty)} of label column '{options.LabelColumnName}' there is no training image: the model learns never to predict it.");

        var isSorted = changes == counts.Count(count => count > 0);
        if (isSorted && !options.CacheImages && options.ShufflePoolSize < total)
            warn($"The {total} rows are sorted by class, and the shuffle pool holds {options.ShufflePoolSize} images: batches will hold few classes. "
                + "Shuffle the rows, raise ShufflePoolSize, or set CacheImages.");
        return total + missing;
    }

    /// <summary>A best epoch of no image would be the first one, whatever was learned.</summary>
    /// <exception cref="InvalidDataException">There is no image to select on, or a row is not what it should be.</exception>
    public static void CheckValidation(ImageReader reader, bool isSetApart)
    {
        if (reader.ReadLabels().Any())
            PixelScale.Check(reader);
        else
            throw new InvalidDataException(isSetApart
                ? "Selection measures epochs on images that are set apart, and with one image of each class none can be; expected validation data for Fit, more images, or a Selection of null."
                : "The validation data has no rows; expected labelled images to measure epochs on, as Selection asks for.");
    }
}
