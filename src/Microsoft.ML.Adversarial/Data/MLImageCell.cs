using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>An image in a column of <see cref="MLImage"/>. It stays the column's: ML.NET's stages free their images themselves, and an image in memory is its owner's.</summary>
internal sealed class MLImageCell(ValueGetter<MLImage?> getter, string column, ImageShape shape) : ImageCell
{
    private MLImage? image;

    public override void Fetch()
    {
        // Of a row without an image, stages of ML.NET leave what they are given as it is.
        image = null;
        getter(ref image);
        if (image is null)
            throw new InvalidDataException("There is no image in this row.");
        // Throws of an image that was disposed.
        _ = image.Width;
    }

    public override float CopyTo(Span<float> pixels)
    {
        var (width, height) = (image!.Width, image.Height);
        if ((width, height) != (shape.Width, shape.Height))
            throw new InvalidDataException($"column '{column}' holds an image of {width} x {height} pixels; expected {shape.Width} x {shape.Height}.");
        var (red, blue) = image.PixelFormat == MLPixelFormat.Rgba32 ? (0, 2) : (2, 0);
        var bytes = image.Pixels;
        var plane = width * height;
        byte highest = 0;
        for (var place = 0; place < plane; place++)
        {
            var pixel = bytes.Slice(place * 4, 4);
            if (pixel[3] != byte.MaxValue)
                throw Unfit("transparent", "opaque images");
            if (shape.Channels == 1 && (pixel[0] != pixel[1] || pixel[1] != pixel[2]))
                throw Unfit("coloured", "grey images, since there is one channel");
            ReadOnlySpan<byte> colours = [pixel[red], pixel[1], pixel[blue]];
            for (var channel = 0; channel < shape.Channels; channel++)
            {
                highest = Math.Max(highest, colours[channel]);
                pixels[channel * plane + place] = colours[channel] / (float)byte.MaxValue;
            }

            InvalidDataException Unfit(string what, string expected) =>
                new($"column '{column}' holds an image that is {what} at ({place % width}, {place / width}); expected {expected}.");
        }
        return highest;
    }
}
