using SkiaSharp;

namespace Tooling.Figures;

/// <summary>Pictures of pixel values.</summary>
public static class PixelBitmaps
{
    /// <summary>What an attack did to pixels: the widest move either way becomes black or white, no move the grey between.</summary>
    /// <param name="before">In [0, 1].</param>
    /// <param name="after">As many.</param>
    /// <param name="widest">How far the attack may move a pixel.</param>
    /// <returns>As many, for <see cref="Of"/>.</returns>
    public static float[] Moves(float[] before, float[] after, double widest)
    {
        var span = 2 * Math.Max(widest, 1e-6);
        return [.. before.Zip(after, (from, to) => (float)((to - from) / span + 0.5))];
    }

    /// <param name="values">[images, channels, height, width], 0 for black and 1 for full brightness; what lies outside is cut off.</param>
    /// <param name="channels">1 for grey, 3 for colours.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="width">Pixels across.</param>
    public static SKBitmap[] Of(float[] values, int channels, int height, int width)
    {
        return [.. Enumerable.Range(0, values.Length / (channels * height * width)).Select(ToBitmap)];

        SKBitmap ToBitmap(int index)
        {
            var bitmap = new SKBitmap(width, height);
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    bitmap.SetPixel(x, y, new SKColor(Value(0, y, x), Value(channels > 1 ? 1 : 0, y, x), Value(channels > 1 ? 2 : 0, y, x)));
            return bitmap;

            byte Value(int channel, int y, int x) =>
                (byte)Math.Clamp(Math.Round(values[((index * channels + channel) * height + y) * width + x] * 255), 0, 255);
        }
    }
}
