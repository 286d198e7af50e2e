using SkiaSharp;

namespace Tooling.Figures;

/// <summary>A picture as a file.</summary>
public static class PngFile
{
    public static void Write(SKSurface surface, string path)
    {
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(path);
        png.SaveTo(file);
    }
}
