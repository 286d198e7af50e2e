using SkiaSharp;
using ColorBits = Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorBits;

namespace Microsoft.ML.Adversarial.Tests.Data;

public class ImageReaderTests
{
    private const int Width = 5, Height = 6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pixels_of_a_png_arrive_in_planar_order_whatever_the_columns(bool interleave)
    {
        using var folder = new ImageFolder();
        var row = new ImageRow { Path = folder.Write("a.png", Width, Height, Colour), Label = 1 };

        var image = Assert.Single(Read(Reader(folder, [row], ColorBits.Rgb, interleave)));

        Assert.Equal((0, 1), (image.Row, image.Label));
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                byte[] colours = [Colour(x, y).Red, Colour(x, y).Green, Colour(x, y).Blue];
                for (var plane = 0; plane < 3; plane++)
                    Assert.Equal(colours[plane] / 255f, image[(plane * Height + y) * Width + x]);
            }
    }

    [Fact]
    public void A_grey_image_has_one_plane()
    {
        using var folder = new ImageFolder();
        var row = new ImageRow { Path = folder.Write("a.png", Width, Height, Grey) };
        var ml = new MLContext(seed: 1);
        var view = ml.Data.LoadFromEnumerable([row]);
        var loaded = ml.Transforms.LoadImages("Image", folder.Path, nameof(ImageRow.Path))
            .Append(ml.Transforms.ResizeImages("Image", Width, Height))
            .Append(ml.Transforms.ConvertToGrayscale("Image"))
            .Append(ml.Transforms.ExtractPixels("Features", "Image", ColorBits.Red))
            .Fit(view).Transform(view);

        var reader = ReaderOf(loaded, PixelRange.GreyLevels);
        var image = Assert.Single(Read(reader));

        Assert.Equal(1, reader.Format.Shape.Channels);
        // The grey conversion's weights are rounded; a grey level stays what it was within one.
        for (var i = 0; i < Width * Height; i++)
            Assert.Equal(Grey(i % Width, i / Width).Red / 255f, image[i], 1.01f / 255);

        static SKColor Grey(int x, int y) => new((byte)(20 * x + 30 * y), (byte)(20 * x + 30 * y), (byte)(20 * x + 30 * y));
    }

    [Fact]
    public void Jpeg_files_are_read_too()
    {
        using var folder = new ImageFolder();
        var row = new ImageRow { Path = folder.Write("a.jpg", 16, 16, (_, _) => new SKColor(200, 100, 50), SKEncodedImageFormat.Jpeg) };

        var image = Assert.Single(Read(Reader(folder, [row])));

        // JPEG's colour space rounds by a few grey levels.
        Assert.Equal(200 / 255f, image[0], 4 / 255f);
        Assert.Equal(100 / 255f, image[Width * Height], 4 / 255f);
        Assert.Equal(50 / 255f, image[2 * Width * Height], 4 / 255f);
    }

    [Theory]
    [InlineData(1 / 255f, 0f, 0f, 1f)]
    [InlineData(1 / 127.5f, 127.5f, -1f, 1f)]
    public void Scaled_pixels_are_mapped_back_onto_0_to_1(float scale, float offset, float minimum, float maximum)
    {
        using var folder = new ImageFolder();
        var row = new ImageRow { Path = folder.Write("a.png", Width, Height, Colour) };
        var view = Extract(folder, [row], ColorBits.Rgb, interleave: false, scale, offset);

        var image = Assert.Single(Read(ReaderOf(view, new PixelRange(minimum, maximum))));

        for (var x = 0; x < Width; x++)
            Assert.Equal(Colour(x, 0).Red / 255f, image[x], 1e-6f);
    }

    [Theory]
    [InlineData("corrupt.png", "these bytes are no image")]
    [InlineData("empty.png", "")]
    [InlineData("missing.png", null)]
    public void An_unreadable_file_is_refused_with_its_row_and_path(string name, string? content)
    {
        using var folder = new ImageFolder();
        if (content is not null)
            folder.WriteBytes(name, System.Text.Encoding.ASCII.GetBytes(content));
        ImageRow[] rows = [new() { Path = folder.Write("a.png", Width, Height, Colour) }, new() { Path = name }];

        var exception = Assert.Throws<InvalidDataException>(() => Read(Reader(folder, rows)));

        Assert.Contains("Row 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Path = '{name}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'Features'", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(exception.InnerException);
    }

    [Fact]
    public void Skipping_leaves_unreadable_rows_out_and_counts_them()
    {
        using var folder = new ImageFolder();
        ImageRow[] rows =
        [
            new() { Path = folder.WriteBytes("empty.png", []) },
            new() { Path = folder.Write("a.png", Width, Height, Colour), Label = 1 },
            new() { Path = "missing.png" },
            new() { Path = folder.Write("b.png", Width, Height, Colour), Label = 2 },
        ];
        var reader = Reader(folder, rows, unreadable: UnreadableImages.Skip);

        var images = Read(reader);

        Assert.Equal([(1, 1), (3, 2)], images.Select(image => ((int)image.Row, image.Label)));
        Assert.Equal(2, reader.Skipped.Count);
        Assert.Contains("Row 0 (Path = 'empty.png')", reader.Skipped.First!, StringComparison.Ordinal);
        Assert.Equal([1L, 3L], new BatchReader(reader) { BatchSize = 3 }.InOrder().SelectMany(batch => batch.Rows));
        Assert.Equal(2, reader.Skipped.Count);
    }

    [Fact]
    public void A_row_without_a_path_holds_no_image()
    {
        using var folder = new ImageFolder();
        ImageRow[] rows = [new() { Path = folder.Write("a.png", Width, Height, Colour), Label = 1 }, new() { Path = "", Label = 1 }];

        var exception = Assert.Throws<InvalidDataException>(() => Read(Reader(folder, rows)));

        Assert.Contains("Row 1 (Path = '')", exception.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256f, "256")]
    [InlineData(-1f, "-1")]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void A_value_outside_the_stated_range_is_refused_with_its_row_even_where_images_may_be_skipped(float value, string named)
    {
        var rows = PixelRow.Rows(3).ToArray();
        rows[2].Features[1] = value;
        var reader = ReaderOf(new MLContext(seed: 1).Data.LoadFromEnumerable(rows), PixelRange.GreyLevels, UnreadableImages.Skip);

        var exception = Assert.Throws<InvalidDataException>(() => Read(reader));

        Assert.Contains($"Row 2: column 'Features' holds {named} at position 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("0..255", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_label_is_refused_with_its_row_and_path()
    {
        using var folder = new ImageFolder();
        var row = new ImageRow { Path = folder.Write("a.png", Width, Height, Colour), Label = 3 };

        var exception = Assert.Throws<InvalidDataException>(() => Read(Reader(folder, [row])));

        Assert.Contains("Row 0 (Path = 'a.png'): the label in column 'Label' is missing", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_alone_are_read_without_touching_the_images()
    {
        using var folder = new ImageFolder();
        ImageRow[] rows = [new() { Path = "missing.png", Label = 2 }, new() { Path = "missing too.png", Label = 3 }];

        Assert.Equal([2, -1], Reader(folder, rows).ReadLabels());
    }

    [Fact]
    public void The_highest_value_seen_is_remembered()
    {
        var reader = ReaderOf(new MLContext(seed: 1).Data.LoadFromEnumerable(PixelRow.Rows(8)), PixelRange.GreyLevels);

        Read(reader);

        Assert.Equal(7, reader.HighestValue);
    }

    /// <summary>Every pixel and every plane another value.</summary>
    private static SKColor Colour(int x, int y) => new((byte)(10 * x + y), (byte)(100 + 10 * x + y), (byte)(200 + 10 * x + y));

    private static List<PackedImage> Read(ImageReader reader) => [.. reader.Read()];

    private static ImageReader Reader(ImageFolder folder, ImageRow[] rows, ColorBits colours = ColorBits.Rgb, bool interleave = false, UnreadableImages unreadable = UnreadableImages.Throw) =>
        ReaderOf(Extract(folder, rows, colours, interleave), PixelRange.GreyLevels, unreadable);

    private static ImageReader ReaderOf(IDataView view, PixelRange range, UnreadableImages unreadable = UnreadableImages.Throw) =>
        new(view, "Features", "Label", PixelVectorFormat.Of("Features", view.Schema["Features"].Type, null, null, range)) { Unreadable = unreadable };

    private static IDataView Extract(ImageFolder folder, ImageRow[] rows, ColorBits colours, bool interleave, float scale = 1, float offset = 0)
    {
        var ml = new MLContext(seed: 1);
        var view = ml.Data.LoadFromEnumerable(rows);
        return ml.Transforms.LoadImages("Image", folder.Path, nameof(ImageRow.Path))
            .Append(ml.Transforms.ResizeImages("Image", Width, Height))
            .Append(ml.Transforms.ExtractPixels("Features", "Image", colours, interleavePixelColors: interleave, scaleImage: scale, offsetImage: offset))
            .Fit(view).Transform(view);
    }
}
