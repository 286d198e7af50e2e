using Samples.RobustnessExplorer.Models;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Images;

/// <summary>Some test images of each class, to be picked.</summary>
public sealed class Gallery
{
    private const int MostClasses = 10, OfEachClass = 4;

    private Gallery(IReadOnlyList<GalleryImage> images, ModelPair models)
    {
        Images = images;
        First = images.FirstOrDefault(image => models.Both.All(model => model.Ask(image.Pixels).Class == image.Label)) ?? images[0];
    }

    public IReadOnlyList<GalleryImage> Images { get; }

    /// <summary>To begin with: one that both models are right of, where there is one.</summary>
    public GalleryImage First { get; }

    /// <exception cref="InvalidDataException">A test image cannot be read.</exception>
    public static Gallery Of(ModelPair models, int maximumPixels)
    {
        var chosen = models.Images.Images.GroupBy(image => image.Label)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Take(MostClasses)
            .SelectMany(group => group.Take(OfEachClass));
        var classes = models.Classes.ToList();
        try
        {
            return new Gallery([.. chosen.Select((image, id) =>
                new GalleryImage(id, classes.IndexOf(image.Label), DecodedImage.Pixels(File.ReadAllBytes(image.Path), maximumPixels, models.Shape)))], models);
        }
        catch (RefusedException refusal)
        {
            throw new InvalidDataException($"A test image cannot be used: {refusal.Message}", refusal);
        }
    }

    /// <exception cref="RefusedException">There is no such image.</exception>
    public GalleryImage Find(int id) => id >= 0 && id < Images.Count
        ? Images[id]
        : throw RefusedException.Malformed($"image is {id}; expected a number from 0 to {Images.Count - 1}.");
}
