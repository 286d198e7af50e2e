using System.Globalization;
using System.Text;

namespace Tooling.Reports;

/// <summary>Accuracies over a logarithmic axis as SVG in the page's own colours, for light, dark and paper; wide enough for its letters to be read on a telephone.</summary>
public sealed class CurvePlot
{
    private const double Width = 360, Height = 262, Left = 40, Right = 350, Top = 8, Bottom = 214, Margin = 1.15;

    /// <summary>Above the plot.</summary>
    public required string Title { get; init; }

    /// <summary>Of the horizontal axis, with the unit.</summary>
    public required string Axis { get; init; }

    public required IReadOnlyList<CurveLine> Lines { get; init; }

    public string Draw()
    {
        double[] places = [.. Lines.SelectMany(line => line.Points).Select(point => point.Place).Distinct().Order()];
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{Html.Text(Title)}</figcaption>\n<svg class=\"plot\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(Description())}\">\n");
        for (var percent = 0; percent <= 100; percent += 25)
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {Y(percent / 100.0)}H{Right}\"/><text class=\"end\" x=\"{Left - 6}\" y=\"{Y(percent / 100.0)}\" dy=\"4\">{percent}</text>\n");
        foreach (var place in places)
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"tick\" d=\"M{X(place)} {Bottom}v5\"/><text class=\"middle\" x=\"{X(place)}\" y=\"{Bottom + 19}\">{Html.Number(place)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{Left} {Top}V{Bottom}H{Right}\"/><text class=\"middle\" x=\"{(Left + Right) / 2}\" y=\"{Height - 8}\">{Html.Text(Axis)}</text>\n");
        foreach (var line in Lines)
            Add(svg, line);
        svg.Append("</svg>\n<p class=\"legend\">");
        svg.AppendJoin(' ', Lines.Select(line => $"<span><svg class=\"key {line.Style}\" viewBox=\"0 0 24 10\" aria-hidden=\"true\"><path class=\"line\" d=\"M0 5H24\"/><circle cx=\"12\" cy=\"5\" r=\"4\"/></svg> {Html.Text(line.Name)}</span>"));
        return svg.Append("</p></figure>\n").ToString();

        string X(double place) => Html.Number(Left + (Right - Left) * Math.Log(place * Margin / places[0]) / Math.Log(places[^1] * Margin * Margin / places[0]));

        void Add(StringBuilder to, CurveLine line)
        {
            to.Append(CultureInfo.InvariantCulture, $"<g class=\"{line.Style}\"><path class=\"line\" d=\"M");
            to.AppendJoin('L', line.Points.Select(point => $"{X(point.Place)} {Y(point.Accuracy.Accuracy)}")).Append("\"/>");
            foreach (var (place, accuracy) in line.Points)
                to.Append(
                    CultureInfo.InvariantCulture,
                    $"<path class=\"whisker\" d=\"M{X(place)} {Y(accuracy.Lower)}V{Y(accuracy.Upper)}\"/><circle cx=\"{X(place)}\" cy=\"{Y(accuracy.Accuracy)}\" r=\"4\"><title>{Html.Text(line.Name)}, {Html.Number(place)}: {Html.Percent(accuracy.Accuracy)}, {Html.Interval(accuracy)}</title></circle>");
            to.Append("</g>\n");
        }
    }

    private static string Y(double share) => Html.Number(Bottom - (Bottom - Top) * share);

    /// <summary>All that is seen, for who does not see it.</summary>
    private string Description() => $"{Title}, in percent over {Axis}. " + string.Join(
        " ", Lines.Select(line => $"{line.Name}: {string.Join(", ", line.Points.Select(point => $"{Html.Percent(point.Accuracy.Accuracy)} ({Html.Interval(point.Accuracy)}) at {Html.Number(point.Place)}"))}."));
}
