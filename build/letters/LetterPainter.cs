using SkiaSharp;

namespace Letters;

/// <summary>Draws one letter of one face as 32 x 32 grey levels.</summary>
internal sealed class LetterPainter(SeededRandom random)
{
    public const int Side = 32;

    private const double MaximumRotationDegrees = 12;
    private const double SmallestHeight = 18;
    private const double GreatestHeight = 26;
    private const double MiddleHeight = (SmallestHeight + GreatestHeight) / 2;
    private const double Margin = 1.5;
    private const double GreatestShift = 3.5;

    // Contrast drawn, and contrast that must remain in the strongest pixels after a thin stroke is spread over two of them.
    private const int LeastContrast = 90;
    private const double LeastStrokeContrast = 70;

    // Fewer pixels than the stem of the thinnest "I" drawn covers.
    private const int StrokePixels = 14;

    // A face is refused when its letters, upright and of middle height, do not reach this share of full ink.
    private const double LeastStrokeCoverage = 0.6;

    public static bool IsDrawable(FontFace face)
        => FontFace.Letters.All(letter =>
            StrokeStrength(Coverage(face.Outline(letter), MiddleHeight, 0, 0.3, 0.3)) >= LeastStrokeCoverage * byte.MaxValue);

    /// <summary>Size, rotation, place and both grey levels are drawn anew until the letter stands out.</summary>
    /// <returns>Grey levels, row by row.</returns>
    public byte[] Paint(FontFace face, char letter)
    {
        while (true)
        {
            var height = random.Between(SmallestHeight, GreatestHeight);
            var degrees = random.Between(-MaximumRotationDegrees, MaximumRotationDegrees);
            var coverage = Coverage(
                face.Outline(letter), height, degrees, random.Between(-1, 1), random.Between(-1, 1));
            var (background, foreground) = DrawLevels();
            var contrast = Math.Abs(foreground - background);
            if (StrokeStrength(coverage) / byte.MaxValue * contrast >= LeastStrokeContrast)
                return Array.ConvertAll(coverage, share => Mix(background, foreground, share));
        }
    }

    // The contrast comes first, then the place of both levels on the scale, so that faint and strong letters are equally
    // frequent at every brightness; dark on light and light on dark in equal parts.
    private (int Background, int Foreground) DrawLevels()
    {
        var contrast = LeastContrast + random.Below(byte.MaxValue + 1 - LeastContrast);
        var darker = random.Below(byte.MaxValue + 1 - contrast);
        return random.Coin() ? (darker, darker + contrast) : (darker + contrast, darker);
    }

    private static byte Mix(int background, int foreground, byte share)
    {
        var scaled = background * (byte.MaxValue - share) + foreground * share;
        return (byte)((scaled + byte.MaxValue / 2) / byte.MaxValue);
    }

    /// <param name="horizontal">Place within the free room, from -1 (left) to 1 (right).</param>
    /// <param name="vertical">Place within the free room, from -1 (up) to 1 (down).</param>
    private static byte[] Coverage(SKPath outline, double height, double degrees, double horizontal, double vertical)
    {
        using var turned = new SKPath(outline);
        var scale = (float)(height / outline.TightBounds.Height);
        turned.Transform(SKMatrix.CreateScale(scale, scale));
        turned.Transform(SKMatrix.CreateRotationDegrees((float)degrees));

        // A wide or much turned letter is made smaller rather than cut off.
        var room = Side - 2 * Margin;
        var largest = Math.Max(turned.TightBounds.Width, turned.TightBounds.Height);
        if (largest > room)
            turned.Transform(SKMatrix.CreateScale((float)(room / largest), (float)(room / largest)));

        var bounds = turned.TightBounds;
        turned.Transform(SKMatrix.CreateTranslation(
            (float)(Side / 2.0 - bounds.MidX + horizontal * Math.Min(GreatestShift, (room - bounds.Width) / 2)),
            (float)(Side / 2.0 - bounds.MidY + vertical * Math.Min(GreatestShift, (room - bounds.Height) / 2))));

        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Alpha8));
        using var canvas = new SKCanvas(bitmap);
        using var ink = new SKPaint { IsAntialias = true, Color = SKColors.Black };
        canvas.Clear(SKColors.Transparent);
        canvas.DrawPath(turned, ink);
        return bitmap.GetPixelSpan().ToArray();
    }

    // Mean of the most covered pixels: near 255 for a full stroke, low for a hairline.
    private static double StrokeStrength(byte[] coverage)
        => coverage.OrderDescending().Take(StrokePixels).Average(share => (double)share);
}
