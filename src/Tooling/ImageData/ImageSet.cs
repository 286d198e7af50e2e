using Microsoft.ML;

namespace Tooling.ImageData;

/// <summary>The images of a folder, all of one size.</summary>
/// <param name="Images">In an order of chance that the seed decides.</param>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="IsGrey">Whether all files hold grey levels rather than colours.</param>
public sealed record ImageSet(IReadOnlyList<LabeledImage> Images, int Width, int Height, bool IsGrey)
{
    public IReadOnlyList<string> Classes => [.. Images.Select(image => image.Label).Distinct().Order(StringComparer.Ordinal)];

    public IDataView AsView(MLContext ml) => ml.Data.LoadFromEnumerable(Images);

    /// <summary>Splits off a share of every class.</summary>
    public (ImageSet Remaining, ImageSet Share) Split(double share)
    {
        if (Images.GroupBy(image => image.Label).FirstOrDefault(group => group.Count() < 2) is { } lone)
            throw new InvalidDataException($"Class '{lone.Key}' has one image, too few to hold some back for testing; expected at least 2 of each class, or test images of their own.");
        var held = Images.GroupBy(image => image.Label).SelectMany(group => group.Take(Math.Max(1, (int)(group.Count() * share)))).ToHashSet();
        return (this with { Images = [.. Images.Where(image => !held.Contains(image))] }, this with { Images = [.. Images.Where(held.Contains)] });
    }

    /// <summary>So many images, as evenly from the classes as they have them.</summary>
    public ImageSet TakeEvenly(int count)
    {
        var taken = Images.GroupBy(image => image.Label)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .SelectMany(group => group.Select((image, turn) => (image, turn)))
            .OrderBy(pair => pair.turn)
            .Take(count)
            .Select(pair => pair.image)
            .ToHashSet();
        return this with { Images = [.. Images.Where(taken.Contains)] };
    }
}
