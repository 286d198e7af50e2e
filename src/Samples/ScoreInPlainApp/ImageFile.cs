namespace Samples.ScoreInPlainApp;

/// <summary>What the model takes: a path. The label is asked for by the pipeline and may be empty.</summary>
public sealed class ImageFile
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public static IEnumerable<ImageFile> Find(IEnumerable<string> paths) => paths.SelectMany(path =>
    {
        if (File.Exists(path))
            return [Of(path)];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no file or folder '{path}'.");
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Of);
    });

    private static ImageFile Of(string path) =>
        new() { Path = System.IO.Path.GetFullPath(path), Label = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))) ?? "" };
}
