using OxyPlot.Axes;

namespace Tooling.Figures;

/// <summary>A logarithmic axis with a label at each place that was measured, and no other.</summary>
public sealed class TickedAxis : LogarithmicAxis
{
    private const double Margin = 1.15;

    private readonly double[] places;

    /// <param name="places">Rising, above 0.</param>
    /// <param name="title">With the unit.</param>
    public TickedAxis(IEnumerable<double> places, string title)
    {
        this.places = [.. places];
        Title = title;
        Position = AxisPosition.Bottom;
        Minimum = this.places[0] / Margin;
        Maximum = this.places[^1] * Margin;
        StringFormat = "0";
    }

    public override void GetTickValues(out IList<double> majorLabelValues, out IList<double> majorTickValues, out IList<double> minorTickValues)
    {
        majorLabelValues = places;
        majorTickValues = places;
        minorTickValues = [];
    }
}
