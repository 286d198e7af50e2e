using SkiaSharp;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>A temporary folder of real image files, deleted afterwards.</summary>
internal sealed class ImageFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("adversarial-tests-").FullName;

    public string Write(string name, int width, int height, Func<int, int, SKColor> colour, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colour(x, y));
        using var encoded = bitmap.Encode(format, 100);
        File.WriteAllBytes(System.IO.Path.Combine(Path, name), encoded.ToArray());
        return name;
    }

    public string WriteBytes(string name, byte[] content)
    {
        File.WriteAllBytes(System.IO.Path.Combine(Path, name), content);
        return name;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
