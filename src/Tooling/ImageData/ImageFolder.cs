using SkiaSharp;

namespace Tooling.ImageData;

/// <summary>Reads a folder that holds one folder of images for each class, and refuses what is wrong with it before any training starts.</summary>
public static class ImageFolder
{
    /// <param name="folder">Holds one folder for each class.</param>
    /// <param name="limitPerClass">The most images of a class to take, in the order of their names; null for all.</param>
    /// <param name="seed">Decides the order of the result.</param>
    /// <param name="mayDiffer">Whether images may be of different sizes, since they are resized; the first one's is then said of all.</param>
    /// <exception cref="IOException">The folder is not there, or holds no classes.</exception>
    /// <exception cref="InvalidDataException">A class is empty, an image cannot be read, or has another size than the first.</exception>
    public static ImageSet Read(string folder, int? limitPerClass, int seed, bool mayDiffer = false)
    {
        if (limitPerClass is < 1)
            throw new ArgumentException($"The limit of images of each class is {limitPerClass}; expected at least 1.");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'; expected a folder with one folder of images for each class.");
        var classes = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToList();
        if (classes.Count == 0)
            throw new InvalidDataException($"The folder '{folder}' has no folders in it; expected one folder of images for each class.");
        if (classes.Count == 1)
            throw new InvalidDataException($"The folder '{folder}' has one class only, '{Path.GetFileName(classes[0])}'; expected at least two.");

        var images = classes.SelectMany(path => ReadClass(path, limitPerClass)).ToArray();
        var first = ImageFile.Inspect(images[0].Path);
        var isGrey = first.ColorType == SKColorType.Gray8;
        foreach (var image in images.Skip(1))
        {
            var info = ImageFile.Inspect(image.Path);
            isGrey &= info.ColorType == SKColorType.Gray8;
            if (!mayDiffer && (info.Width != first.Width || info.Height != first.Height))
                throw new InvalidDataException(
                    $"'{image.Path}' is {info.Width} x {info.Height} pixels; expected {first.Width} x {first.Height}, the size of '{images[0].Path}'. All images must be of one size.");
        }
        new Random(seed).Shuffle(images);
        return new ImageSet(images, first.Width, first.Height, isGrey);
    }

    private static IEnumerable<LabeledImage> ReadClass(string folder, int? limit)
    {
        var files = Directory.GetFiles(folder).Where(ImageFile.IsNamedSo).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
            throw new InvalidDataException($"The class folder '{folder}' has no image; expected files named {ImageFile.Names}.");
        return files.Take(limit ?? int.MaxValue).Select(file => new LabeledImage { Path = Path.GetFullPath(file), Label = Path.GetFileName(folder) });
    }
}
