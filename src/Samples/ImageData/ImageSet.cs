namespace Samples.ImageData;

/// <summary>The images of a folder, all of one size.</summary>
/// <param name="Images">In an order of chance that the seed decides.</param>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="IsGrey">Whether the files hold grey levels rather than colours.</param>
public sealed record ImageSet(IReadOnlyList<LabeledImage> Images, int Width, int Height, bool IsGrey)
{
    public IReadOnlyList<string> Classes { get; } = [.. Images.Select(image => image.Label).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Splits off a share of every class.</summary>
    public (ImageSet Remaining, ImageSet Share) Split(double share)
    {
        var held = Images.GroupBy(image => image.Label).SelectMany(group => group.Take(Math.Max(1, (int)(group.Count() * share)))).ToHashSet();
        return (this with { Images = [.. Images.Where(image => !held.Contains(image))] }, this with { Images = [.. Images.Where(held.Contains)] });
    }
}
