using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;
using Tooling.ImageData;

namespace Tooling.Figures;

/// <summary>
/// Draws every text in the embedded font, which OxyPlot itself cannot be told: it asks the system for a font by name. The two members that deal with text stand in for the
/// base class's, as a class may implement an interface anew; OxyPlot calls them through it. Nothing here needs HarfBuzz, whose native library Linux lacks.
/// </summary>
public sealed class EmbeddedFontRenderContext : SkiaRenderContext, IRenderContext
{
    private const double BoldWeight = 600;

    private readonly SKTypeface typeface = EmbeddedFont.Open();

    void IRenderContext.DrawText(
        ScreenPoint point, string text, OxyColor fill, string? fontFamily, double fontSize, double fontWeight, double rotation,
        HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
    {
        if (string.IsNullOrEmpty(text))
            return;
        using var paint = PaintOf(fontSize, fontWeight);
        paint.Color = fill.ToSKColor();
        paint.TextAlign = horizontalAlignment switch
        {
            HorizontalAlignment.Left => SKTextAlign.Left,
            HorizontalAlignment.Right => SKTextAlign.Right,
            _ => SKTextAlign.Center,
        };
        var metrics = paint.FontMetrics;
        var baseline = verticalAlignment switch
        {
            VerticalAlignment.Top => -metrics.Ascent,
            VerticalAlignment.Bottom => -metrics.Descent,
            _ => -(metrics.Ascent + metrics.Descent) / 2,
        };
        using var restoring = new SKAutoCanvasRestore(SkCanvas);
        SkCanvas.Translate((float)point.X * DpiScale, (float)point.Y * DpiScale);
        SkCanvas.RotateDegrees((float)rotation);
        SkCanvas.DrawText(text, 0, baseline, paint);
    }

    OxySize IRenderContext.MeasureText(string text, string? fontFamily, double fontSize, double fontWeight)
    {
        if (string.IsNullOrEmpty(text))
            return OxySize.Empty;
        using var paint = PaintOf(fontSize, fontWeight);
        var metrics = paint.FontMetrics;
        return new OxySize(paint.MeasureText(text) / DpiScale, (metrics.Descent - metrics.Ascent) / DpiScale);
    }

    protected override void Dispose(bool disposing)
    {
        typeface.Dispose();
        base.Dispose(disposing);
    }

    private SKPaint PaintOf(double size, double weight) =>
        new() { Typeface = typeface, TextSize = (float)size * DpiScale, IsAntialias = true, FakeBoldText = weight >= BoldWeight };
}
