namespace Samples.ScoreInPlainApp;

/// <summary>What the model takes: a path. The label is asked for by the pipeline and may be empty.</summary>
public sealed class ImageFile
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    /// <exception cref="IOException">A path is neither a file nor a folder with images, or a file is empty.</exception>
    public static IEnumerable<ImageFile> Find(IEnumerable<string> paths) => paths.SelectMany(InPath);

    private static IEnumerable<ImageFile> InPath(string path)
    {
        if (File.Exists(path))
            return [Of(path)];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no file or folder '{path}'.");
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(System.IO.Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files.Select(Of) : throw new FileNotFoundException($"The folder '{path}' holds no image; expected files named {string.Join(", ", Extensions)}.");
    }

    private static ImageFile Of(string path)
    {
        var file = new FileInfo(path);
        return file.Length > 0
            ? new ImageFile { Path = file.FullName, Label = file.Directory?.Name ?? "" }
            : throw new InvalidDataException($"'{path}' is empty; expected an image file.");
    }
}
