using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Tooling.Figures;

/// <summary>How panels and lines look; a line without a point is left out.</summary>
public static class Panel
{
    private static readonly OxyColor Ink = OxyColor.FromRgb(0x33, 0x33, 0x33), Faint = OxyColor.FromRgb(0xe4, 0xe4, 0xe4);

    public static PlotModel Create(string title, Axis horizontal, Axis vertical)
    {
        var model = new PlotModel
        {
            Title = title,
            TitleFontSize = 16,
            TitleFontWeight = FontWeights.Bold,
            TextColor = Ink,
            PlotAreaBorderColor = Ink,
            PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
            Padding = new OxyThickness(10, 12, 24, 10),
        };
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.BottomCenter,
            LegendOrientation = LegendOrientation.Horizontal,
            LegendFontSize = 14,
            LegendSymbolLength = 28,
            LegendItemSpacing = 16,
        });
        foreach (var axis in (Axis[])[horizontal, vertical])
        {
            axis.FontSize = 14;
            axis.TitleFontSize = 14;
            axis.AxisTitleDistance = 10;
            axis.TicklineColor = Ink;
            axis.MajorGridlineStyle = LineStyle.Solid;
            axis.MajorGridlineColor = Faint;
            axis.MinorTickSize = 0;
            axis.IntervalLength = 45;
            model.Axes.Add(axis);
        }
        return model;
    }

    /// <summary>Accuracies in percent, from 0 up.</summary>
    public static LinearAxis Percent(string title) => new() { Position = AxisPosition.Left, Title = title, Minimum = 0, MaximumPadding = 0.08 };

    /// <summary>Upright bars from the low to the high end.</summary>
    public static void AddBars(this PlotModel panel, OxyColor colour, IEnumerable<(double Place, double Low, double High)> bars)
    {
        var series = new ScatterErrorSeries { ErrorBarColor = colour, MarkerType = MarkerType.None, ErrorBarStopWidth = 5, ErrorBarStrokeThickness = 1.5 };
        foreach (var (place, low, high) in bars)
            series.Points.Add(new ScatterErrorPoint(place, (low + high) / 2, errorX: 0, errorY: high - low));
        if (series.Points.Count > 0)
            panel.Series.Add(series);
    }

    public static void AddLine(this PlotModel panel, string title, OxyColor colour, LineStyle style, IEnumerable<(double Place, double Percent)> points)
    {
        var line = new LineSeries
        {
            Title = title,
            Color = colour,
            LineStyle = style,
            StrokeThickness = 2,
            MarkerType = MarkerType.Circle,
            MarkerSize = 4,
            MarkerFill = style is LineStyle.Solid or LineStyle.None ? colour : OxyColors.White,
            MarkerStroke = colour,
            MarkerStrokeThickness = 1.5,
        };
        line.Points.AddRange(points.Select(point => new DataPoint(point.Place, point.Percent)));
        if (line.Points.Count > 0)
            panel.Series.Add(line);
    }
}
