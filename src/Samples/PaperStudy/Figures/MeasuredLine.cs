using OxyPlot;
using Samples.PaperStudy.Findings;
using Tooling.Figures;

namespace Samples.PaperStudy.Figures;

/// <summary>A line of means, with a bar for the spread over the seeds where there is one.</summary>
public static class MeasuredLine
{
    public static void AddMeasured(this PlotModel panel, string title, OxyColor colour, IEnumerable<(double Place, Measurement? Measurement)> points)
    {
        var measured = points.Where(point => point.Measurement is not null).Select(point => (point.Place, Measurement: point.Measurement!)).ToList();
        panel.AddLine(title, colour, LineStyle.Solid, measured.Select(point => (point.Place, point.Measurement.Mean * 100)));
        panel.AddBars(colour, from point in measured
                              let spread = point.Measurement.Spread
                              where spread is not null
                              select (point.Place, (point.Measurement.Mean - spread.Value) * 100, (point.Measurement.Mean + spread.Value) * 100));
    }
}
