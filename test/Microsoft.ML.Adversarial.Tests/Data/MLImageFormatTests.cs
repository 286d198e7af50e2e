using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>Columns of ML.NET's images: read to [0, 1], written in whole grey levels.</summary>
public class MLImageFormatTests
{
    private static readonly PixelRange Levels = PixelRange.GreyLevels;

    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void The_size_is_the_types_own_and_must_be_stated_where_the_type_has_none()
    {
        Assert.Equal(new ImageShape(3, 5, 7), FormatOf(new ImageDataViewType(5, 7), null).Shape);
        Assert.Equal(new ImageShape(1, 5, 7), FormatOf(new ImageDataViewType(5, 7), new ImageShape(1, 5, 7)).Shape);
        Assert.Equal(new ImageShape(3, 5, 7), FormatOf(new ImageDataViewType(), new ImageShape(3, 5, 7)).Shape);

        Refused(new ImageDataViewType(), null, "'Image'", "images of any size", "expected ImageShape");
        Refused(new ImageDataViewType(5, 7), new ImageShape(3, 7, 5), "'Image'", "7 x 5 pixels", "expected 5 x 7");
        Refused(new ImageDataViewType(5, 7), new ImageShape(4, 5, 7), "'Image'", "4 channels", "expected 3, or 1");
    }

    [Theory]
    [InlineData(MLPixelFormat.Rgba32)]
    [InlineData(MLPixelFormat.Bgra32)]
    public void Images_are_read_red_green_and_blue_in_both_of_their_formats(MLPixelFormat pixelFormat)
    {
        var isRedFirst = pixelFormat == MLPixelFormat.Rgba32;
        byte[] first = isRedFirst ? [255, 51, 0, 255] : [0, 51, 255, 255], second = isRedFirst ? [102, 0, 204, 255] : [204, 0, 102, 255];
        using var image = MLImage.CreateFromPixels(2, 1, pixelFormat, [.. first, .. second]);

        Assert.Equal([1, 0.4f, 0.2f, 0, 0, 0.8f], Assert.Single(Read(image, 3)));
    }

    [Fact]
    public void A_grey_image_is_one_channel_where_one_is_asked_for()
    {
        using var image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, [51, 51, 51, 255, 0, 0, 0, 255]);

        Assert.Equal([0.2f, 0], Assert.Single(Read(image, 1)));
    }

    [Fact]
    public void Images_that_do_not_fit_are_refused_with_row_and_place()
    {
        using var coloured = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, [51, 51, 51, 255, 0, 1, 0, 255]);
        using var transparent = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, [51, 51, 51, 255, 0, 1, 0, 254]);
        var large = MLImage.CreateFromPixels(1, 2, MLPixelFormat.Bgra32, new byte[8]);

        Says(Assert.Throws<InvalidDataException>(() => Read(coloured, 1)), "Row 0", "'Image'", "coloured at (1, 0)", "grey images");
        Says(Assert.Throws<InvalidDataException>(() => Read(transparent, 3)), "Row 0", "'Image'", "transparent at (1, 0)", "opaque");
        Says(Assert.Throws<InvalidDataException>(() => Read(large, 3)), "Row 0", "'Image'", "1 x 2 pixels", "expected 2 x 1");
        Says(Assert.Throws<InvalidDataException>(() => Read(null, 3)), "Row 0", "'Image'", "no image in this row");
        large.Dispose();
        Says(Assert.Throws<InvalidDataException>(() => Read(large, 3)), "Row 0", "'Image'", "disposed");
    }

    [Fact]
    public void Images_are_read_again_and_again_and_stay_their_owners()
    {
        using var image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, [9, 9, 9, 255, 0, 0, 0, 255]);

        Read(image, 3);
        Read(image, 3);

        Assert.Equal((2, 1), (image.Width, image.Height));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Pixels_become_the_nearest_whole_levels(int channels)
    {
        float[] pixels = [.. Enumerable.Range(0, 2 * channels).Select(index => (20 * index + (index % 2 == 0 ? 0.4f : -0.4f)) / 255)];
        var getter = (ValueGetter<MLImage>)new MLImageFormat(new ImageShape(channels, 1, 2)).Getter(() => pixels);
        var image = default(MLImage)!;

        getter(ref image);

        using var written = image;
        Assert.Equal((2, 1, MLPixelFormat.Rgba32), (written.Width, written.Height, written.PixelFormat));
        byte[] expected = channels == 1 ? [0, 0, 0, 255, 20, 20, 20, 255] : [0, 40, 80, 255, 20, 60, 100, 255];
        Assert.Equal(expected, written.Pixels.ToArray());
    }

    [Fact]
    public void What_an_attack_made_is_rounded_towards_the_clean_image_and_whole_levels_stay()
    {
        using var scope = NewDisposeScope();
        var clean = tensor([100f, 100, 100, 100, 0, 255]).Times(1.0 / 255);
        var attacked = tensor([108f, 92, 107.6f, 92.4f, 0.9f, 254.2f]).Times(1.0 / 255);

        var whole = new MLImageFormat(new ImageShape(1, 1, 6)).Representable(attacked, clean).Times(255);

        Assert.Equal([108, 92, 107, 93, 0, 255], whole.data<float>().Select(value => Math.Round(value, 3)));
    }

    private static MLImageFormat FormatOf(ImageDataViewType type, ImageShape? stated) => Assert.IsType<MLImageFormat>(ImageFormat.Of(ColumnOf(type), stated, null, Levels));

    private static void Refused(ImageDataViewType type, ImageShape? stated, params string[] parts) =>
        Says(Assert.Throws<ArgumentException>(() => FormatOf(type, stated)), parts);

    private static DataViewSchema.Column ColumnOf(DataViewType type)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Image", type);
        return builder.ToSchema()[0];
    }

    private static void Says(Exception exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    private List<float[]> Read(MLImage? image, int channels)
    {
        var view = ml.Data.LoadFromEnumerable([new ImageInMemory { Image = image, Label = 1 }]);
        var format = ImageFormat.Of(view.Schema["Image"], new ImageShape(channels, 1, 2), null, Levels);
        using var batch = Assert.Single(new BatchReader(new ImageReader(view, "Image", "Label", format)) { BatchSize = 10 }.InOrder());
        return [batch.Images.data<float>().ToArray()];
    }

    private sealed class ImageInMemory
    {
        [ImageType(1, 2)]
        public MLImage? Image { get; set; }

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
