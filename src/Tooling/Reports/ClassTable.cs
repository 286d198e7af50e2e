using System.Globalization;
using System.Text;
using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>The classes from the most robust to the least, each accuracy with its interval and the number of images that it rests on.</summary>
public static class ClassTable
{
    public static string Of(RobustnessEvaluation evaluation)
    {
        var attack = evaluation.Attacks[0];
        // The most frequent come first.
        var confusions = evaluation.Confusions(0).DistinctBy(confusion => confusion.Label).ToDictionary(confusion => confusion.Label);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2 id="classes">Classes</h2>
            <p class="faint">From the most robust to the least; of equals the one that is more accurate clean comes first, then by name. In small figures the 95 % interval in percent, in the bar as a line.</p>
            <table class="classes"><thead><tr><th scope="col">class</th><th scope="col" class="n">images</th><th scope="col">clean</th><th scope="col">under {Html.Text(attack.Attack.Name)}</th><th scope="col">mostly taken for</th></tr></thead><tbody>

            """);
        foreach (var one in Ordered(evaluation))
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{Html.Text(one.Name)}</th><td class=\"n\">{one.CleanAccuracy.Examples}</td>{Cell(one.CleanAccuracy, "plain")}{Cell(one.AttackAccuracies[0], "attack")}<td>{TakenFor(confusions.GetValueOrDefault(one.Name))}</td></tr>\n");
        return page.Append("</tbody></table>\n").ToString();
    }

    /// <summary>Classes that have images.</summary>
    private static IEnumerable<ClassRobustness> Ordered(RobustnessEvaluation evaluation) => evaluation.Classes
        .Where(one => one.CleanAccuracy.Examples > 0)
        .OrderByDescending(one => one.AttackAccuracies[0].Accuracy)
        .ThenByDescending(one => one.CleanAccuracy.Accuracy)
        .ThenBy(one => one.Name, StringComparer.Ordinal);

    private static string Cell(AccuracyInterval accuracy, string style) => string.Create(CultureInfo.InvariantCulture, $"""
        <td class="share"><b>{Html.Percent(accuracy.Accuracy)}</b> <small>{Html.Interval(accuracy)}</small>
        <svg class="bar {style}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"/><rect class="value" width="{Html.Number(accuracy.Accuracy * 100)}" height="6"/><path class="whisker" d="M{Html.Number(accuracy.Lower * 100)} 3H{Html.Number(accuracy.Upper * 100)}"/></svg></td>
        """);

    private static string TakenFor(ClassConfusion? most) => most is null
        ? "<small>nothing else</small>"
        : string.Create(CultureInfo.InvariantCulture, $"{Html.Text(most.Predicted ?? "no class")} <small>{most.Images} of {most.OfClass}</small>");
}
