using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>One page that needs nothing beside it: the numbers, the pictures, the doubts, and how to measure again.</summary>
public static class HtmlReport
{
    public static string Create(MeasuredRobustness measured, ImageCards cards)
    {
        var (plan, evaluation, figures) = (measured.Plan, measured.Evaluation, new RobustnessFigures(measured));
        var attack = evaluation.Attacks[0];
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Robustness of {Html.Text(Path.GetFileName(plan.Model))}</title><style>{ReportStyle.Css}</style></head><body><main>
            <h1>Robustness of {Html.Text(Path.GetFileName(plan.Model))}</h1>
            <p class="lead"><b>{Html.Percent(attack.Accuracy.Accuracy)}</b> of {evaluation.Examples} images withstand {Html.Text(attack.Attack.Name)} within {Html.Text(attack.Attack.Budget.ToString())};
            {Html.Percent(evaluation.CleanAccuracy.Accuracy)} are classified as labelled when nobody attacks.</p>

            """);
        AddTable(page, evaluation);
        AddWarnings(page, measured.Warnings);
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>Curves</h2>
            <p class="faint">A sound accuracy falls to nothing as the budget grows, and stays where it is as the steps grow. Upright lines are 95 % intervals.</p>
            <div class="plots">
            {figures.Budgets.Draw()}{figures.Lengths.Draw()}</div>
            {ClassTable.Of(evaluation)}{Confusions.Section(evaluation)}{cards.Section()}<h2>How it was measured</h2>
            <p class="faint">{Html.Text(attack.Attack.ToString())}; seed {evaluation.Seed}; searched in {evaluation.SearchPrecision} precision; the farthest image was moved by {attack.LargestDistance * 255:f2} grey levels, measured again.
            Attacks meet only images that are still classified as labelled. {Html.Text(RuntimeInformation.FrameworkDescription)}, {Environment.ProcessorCount} processors. All numbers: report.json.</p>
            <pre>{Html.Text(plan.Command)}</pre>
            </main></body></html>

            """);
        return page.ToString();
    }

    private static void AddTable(StringBuilder page, RobustnessEvaluation evaluation)
    {
        page.Append("<table><thead><tr><td></td><th scope=\"col\" class=\"n\">met</th><th scope=\"col\" class=\"n\">broken</th><th scope=\"col\" class=\"n\">accuracy</th><th scope=\"col\" class=\"n\">95 % interval (%)</th></tr></thead><tbody>\n");
        Row("clean images", evaluation.Examples, null, evaluation.CleanAccuracy.Accuracy, evaluation.CleanAccuracy);
        foreach (var attack in evaluation.Attacks)
        {
            var standing = attack.Members[0].Examples;
            foreach (var member in attack.Members)
            {
                standing -= member.Broken;
                Row(member.Attack.Name, member.Examples, member.Broken, standing / (double)evaluation.Examples, member == attack.Members[^1] ? attack.Accuracy : null);
            }
        }
        page.Append("</tbody></table>\n");

        void Row(string name, long met, long? broken, double accuracy, AccuracyInterval? interval) => page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><th scope=\"row\">{Html.Text(name)}</th><td class=\"n\">{met}</td><td class=\"n\">{broken}</td><td class=\"n\">{Html.Percent(accuracy)}</td><td class=\"n\">{(interval is null ? "" : Html.Interval(interval))}</td></tr>\n");
    }

    private static void AddWarnings(StringBuilder page, IEnumerable<EvaluationWarning> warnings)
    {
        page.Append("<h2>Doubts</h2>\n");
        var any = false;
        foreach (var warning in warnings)
        {
            any = true;
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warn\"><b>{warning.Kind}</b>: {Html.Text(warning.Message)}</p>\n");
        }
        if (!any)
            page.Append("<p>None of the checks found a reason to doubt these numbers.</p>\n");
    }
}
