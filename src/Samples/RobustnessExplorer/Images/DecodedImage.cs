using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Serving;
using SkiaSharp;

namespace Samples.RobustnessExplorer.Images;

/// <summary>From an image file to what a network takes. The header is read first: what is too large is never decoded.</summary>
public static class DecodedImage
{
    private static readonly SKEncodedImageFormat[] Formats = [SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif, SKEncodedImageFormat.Webp];

    /// <param name="file">A whole image file.</param>
    /// <param name="maximumPixels">The most that width times height may be.</param>
    /// <param name="shape">Of the result; the image is cut to its proportions and resized where it has others.</param>
    /// <returns>[channels, height, width] in [0, 1].</returns>
    /// <exception cref="RefusedException">The file is no such image.</exception>
    public static float[] Pixels(byte[] file, int maximumPixels, ImageShape shape)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null || !Formats.Contains(codec.EncodedFormat))
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, $"The upload is no image that can be read; expected {string.Join(", ", Formats)}.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > maximumPixels)
            throw RefusedException.Unusable($"The image has {width} x {height} pixels; expected at most {maximumPixels} in all.");
        using var decoded = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Premul));
        var result = codec.GetPixels(decoded.Info, decoded.GetPixels());
        if (result != SKCodecResult.Success)
            throw RefusedException.Unusable($"The image cannot be decoded ({result}); expected a whole file.");
        if ((width, height) == (shape.Width, shape.Height))
            return Planes(decoded, shape.Channels);
        using var fitted = Fit(decoded, shape);
        return Planes(fitted, shape.Channels);
    }

    /// <summary>The largest middle part of the wanted proportions, resized; what is transparent becomes white.</summary>
    private static SKBitmap Fit(SKBitmap image, ImageShape shape)
    {
        var scale = Math.Max(shape.Width / (float)image.Width, shape.Height / (float)image.Height);
        var (width, height) = (image.Width * scale, image.Height * scale);
        var fitted = new SKBitmap(new SKImageInfo(shape.Width, shape.Height, SKColorType.Bgra8888, SKAlphaType.Premul));
        using var canvas = new SKCanvas(fitted);
        canvas.Clear(SKColors.White);
        using var paint = new SKPaint { FilterQuality = SKFilterQuality.Medium };
        canvas.DrawBitmap(image, SKRect.Create((shape.Width - width) / 2, (shape.Height - height) / 2, width, height), paint);
        return fitted;
    }

    private static float[] Planes(SKBitmap bitmap, int channels)
    {
        var bytes = new byte[bitmap.ByteCount];
        Marshal.Copy(bitmap.GetPixels(), bytes, 0, bytes.Length);
        var plane = bitmap.Width * bitmap.Height;
        var pixels = new float[channels * plane];
        for (var place = 0; place < plane; place++)
        {
            var (red, green, blue) = (bytes[place * 4 + 2], bytes[place * 4 + 1], bytes[place * 4]);
            if (channels == 3)
                (pixels[place], pixels[plane + place], pixels[2 * plane + place]) = (red / 255f, green / 255f, blue / 255f);
            else
                // Rec. 601's grey in whole numbers, so that a grey file keeps its levels.
                pixels[place] = (299 * red + 587 * green + 114 * blue + 500) / 1000 / 255f;
        }
        return pixels;
    }
}
