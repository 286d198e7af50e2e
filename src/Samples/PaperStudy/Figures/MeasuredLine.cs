using OxyPlot;
using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>A line of means, with a bar for the spread over the seeds where there is one.</summary>
public static class MeasuredLine
{
    /// <param name="style"><see cref="LineStyle.None"/> where places have no order.</param>
    public static void AddMeasured(this PlotModel panel, string title, OxyColor colour, IEnumerable<(double Place, Measurement? Measurement)> points, LineStyle style = LineStyle.Solid)
    {
        var measured = points.Where(point => point.Measurement is not null).Select(point => (point.Place, Measurement: point.Measurement!)).ToList();
        panel.AddLine(title, colour, style, measured.Select(point => (point.Place, point.Measurement.Mean * 100)));
        panel.AddBars(colour, from point in measured
                              let spread = point.Measurement.Spread
                              where spread is not null
                              select (point.Place, (point.Measurement.Mean - spread.Value) * 100, (point.Measurement.Mean + spread.Value) * 100));
    }
}
