using OxyPlot;
using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace Tooling.Figures;

/// <summary>One picture of panels side by side.</summary>
/// <param name="Name">Of its file.</param>
/// <param name="Panels">From left to right.</param>
public sealed record Figure(string Name, IReadOnlyList<PlotModel> Panels)
{
    private const int PanelWidth = 560, PanelHeight = 460;

    /// <summary>Pixels for each unit of length.</summary>
    private const int Scale = 2;

    public void Write(string path)
    {
        using var surface = SKSurface.Create(new SKImageInfo(PanelWidth * Panels.Count * Scale, PanelHeight * Scale));
        surface.Canvas.Clear(SKColors.White);
        using var context = new EmbeddedFontRenderContext { SkCanvas = surface.Canvas, RenderTarget = RenderTarget.PixelGraphic, DpiScale = Scale, UseTextShaping = false };
        for (var i = 0; i < Panels.Count; i++)
        {
            IPlotModel panel = Panels[i];
            panel.Update(updateData: true);
            panel.Render(context, new OxyRect(i * PanelWidth, 0, PanelWidth, PanelHeight));
        }
        PngFile.Write(surface, path);
    }
}
