using Microsoft.ML.Adversarial;

namespace Samples.RobustnessExplorer.Images;

/// <summary>Pixels as the page draws them: one byte for each channel of each pixel, base64.</summary>
public static class ImagePicture
{
    /// <param name="pixels">[channels, height, width], 0 for black and 1 for full brightness; what lies outside is cut off.</param>
    /// <param name="shape">Of the image.</param>
    /// <returns>Red, green and blue of each pixel in turn, or its grey.</returns>
    public static string Of(float[] pixels, ImageShape shape)
    {
        var plane = shape.Height * shape.Width;
        var bytes = new byte[pixels.Length];
        for (var place = 0; place < plane; place++)
            for (var channel = 0; channel < shape.Channels; channel++)
                bytes[place * shape.Channels + channel] = (byte)Math.Clamp(Math.Round(pixels[channel * plane + place] * 255), 0, 255);
        return Convert.ToBase64String(bytes);
    }
}
