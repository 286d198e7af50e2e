using SkiaSharp;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Images as files of the format that most have, and the pipeline that reads them.</summary>
internal sealed class JpegFolder
{
    public const int Count = 1280, BatchSize = 128;

    private const int Quality = 95;

    private readonly MLContext ml = new(seed: 1);
    private readonly ImageSet images;

    private JpegFolder(ImageSet images) => this.images = images;

    public int Channels => images.IsGrey ? 1 : 3;

    public int ClassCount => images.Classes.Count;

    /// <summary>Written anew.</summary>
    public static JpegFolder Write(ImageSet images, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var chosen = images.TakeEvenly(Count);
        return new JpegFolder(chosen with { Images = [.. chosen.Images.Select((image, number) => Encoded(image, folder, number))] });
    }

    /// <param name="caches">Whether every image is read once, before anything is timed.</param>
    public BatchReader Open(bool caches)
    {
        var view = images.AsView(ml);
        var prepared = ImagePreparation.Create(ml, images).Fit(view).Transform(view);
        var format = PixelVectorFormat.Of("Features", prepared.Schema["Features"].Type, statedShape: null, PixelLayout.Planar, PixelRange.GreyLevels);
        var reader = new BatchReader(new ImageReader(prepared, "Features", "Label", format)) { BatchSize = BatchSize, Caches = caches, ShufflePool = new ImageClassificationOptions().ShufflePoolSize };
        if (caches)
            foreach (var batch in reader.InOrder())
                batch.Dispose();
        return reader;
    }

    private static LabeledImage Encoded(LabeledImage image, string folder, int number)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, image.Label)).FullName, $"{number:0000}.jpg");
        using var bitmap = SKBitmap.Decode(image.Path);
        using var stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Jpeg, Quality);
        return new LabeledImage { Path = path, Label = image.Label };
    }
}
