using System.Runtime.InteropServices;
using SkiaSharp;

namespace Tooling.ImageData;

/// <summary>Files that are images.</summary>
public static class ImageFile
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    /// <summary>How their names end; for messages.</summary>
    public static string Names => string.Join(", ", Extensions);

    public static bool IsNamedSo(string path) => Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    /// <summary>A folder stands for all images in it and below.</summary>
    /// <exception cref="IOException">A path is neither a file nor a folder with images.</exception>
    public static IEnumerable<string> Find(IEnumerable<string> paths) => paths.SelectMany(FindIn);

    /// <summary>Decodes the whole file: a file cut off in the middle would otherwise pass as a partly black image.</summary>
    public static SKImageInfo Inspect(string path)
    {
        using var codec = SKCodec.Create(path, out var opened) ?? throw Unreadable(path, opened);
        var pixels = new byte[codec.Info.BytesSize];
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            var decoded = codec.GetPixels(codec.Info, handle.AddrOfPinnedObject());
            return decoded == SKCodecResult.Success ? codec.Info : throw Unreadable(path, decoded);
        }
        finally
        {
            handle.Free();
        }
    }

    private static InvalidDataException Unreadable(string path, SKCodecResult result) =>
        new($"'{path}' ({new FileInfo(path).Length} bytes) is not a readable image ({result}); expected a whole image file.");

    private static IEnumerable<string> FindIn(string path)
    {
        if (File.Exists(path))
            return [Path.GetFullPath(path)];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no file or folder '{path}'; expected images.");
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsNamedSo).Select(Path.GetFullPath).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new FileNotFoundException($"The folder '{path}' holds no image; expected files named {Names}.");
    }
}
