/// <summary>An image file, its class, and its number within the class.</summary>
internal sealed class LabeledImage
{
    /// <summary>One of five is held out.</summary>
    private const int FewestOfClass = 5;

    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public int Number { get; set; }

    /// <summary>The images in the subfolders of a folder, each of which bears the name of a class.</summary>
    /// <exception cref="IOException">The folder is not there, or does not hold enough; the message says which.</exception>
    public static IReadOnlyList<LabeledImage> InClassesOf(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'; expected one with a subfolder of images for each class.");
        var classes = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(InClass).ToList();
        if (classes.Count < 2)
            throw new IOException($"'{folder}' has {classes.Count} subfolders; expected at least 2, one for each class.");
        return [.. classes.SelectMany(images => images)];
    }

    private static List<LabeledImage> InClass(string folder)
    {
        var files = Directory.EnumerateFiles(folder).Where(file => Extensions.Contains(System.IO.Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal);
        var images = files.Select((file, number) => new LabeledImage { Path = System.IO.Path.GetFullPath(file), Label = System.IO.Path.GetFileName(folder), Number = number }).ToList();
        return images.Count >= FewestOfClass
            ? images
            : throw new IOException($"'{folder}' has {images.Count} images; expected at least {FewestOfClass} ({string.Join(", ", Extensions)}).");
    }
}
