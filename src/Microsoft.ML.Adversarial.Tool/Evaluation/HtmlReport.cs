using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Adversarial;

namespace AdversarialTool.Evaluation;

/// <summary>One page that needs nothing beside it: the numbers, the pictures, the doubts, and how to measure again.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #222; --faint: #667; --line: #ddd; --page: #fff; --card: #f6f7f9; --warn: #8a5300; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8e8ea; --faint: #a5a8b0; --line: #3a3d44; --page: #17181b; --card: #222429; --warn: #ffc46b; } }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: 0.2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        p.lead { font-size: 1.15rem; } .faint { color: var(--faint); } .warn { color: var(--warn); }
        table { border-collapse: collapse; margin: 0.6rem 0; } th, td { padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--line); text-align: left; }
        td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
        img { max-width: 100%; background: #fff; border-radius: 6px; padding: 0.4rem; box-sizing: border-box; }
        pre { background: var(--card); padding: 0.8rem; border-radius: 6px; overflow-x: auto; }
        """;

    public static string Create(EvaluationSettings settings, RobustnessEvaluation evaluation, IReadOnlyList<EvaluationWarning> warnings, string folder)
    {
        var attack = evaluation.Attacks[0];
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Robustness of {Text(Path.GetFileName(settings.Model))}</title><style>{Style}</style></head><body>
            <h1>Robustness of {Text(Path.GetFileName(settings.Model))}</h1>
            <p class="lead"><b>{Percent(attack.Accuracy.Accuracy)}</b> of {evaluation.Examples} images withstand {Text(attack.Attack.Name)} within {Text(attack.Attack.Budget.ToString())};
            {Percent(evaluation.CleanAccuracy.Accuracy)} are classified as labelled when nobody attacks.</p>

            """);
        AddTable(page, evaluation);
        AddWarnings(page, warnings);
        AddPicture(page, folder, "curves.png", "Curves", "A sound accuracy falls to nothing as the budget grows, and stays where it is as the steps grow. Bars are 95 % intervals.");
        AddPicture(page, folder, "classes.png", "Classes", "From the most robust to the least robust.");
        AddPicture(page, folder, "attacked-images.png", "Broken images", "What the model takes the image for, and how sure it is. The perturbation is stretched to the whole range of grey.");
        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>How it was measured</h2>
            <p class="faint">{Text(attack.Attack.ToString())}; seed {evaluation.Seed}; searched in {evaluation.SearchPrecision} precision; the farthest image was moved by {attack.LargestDistance * 255:f2} grey levels, measured again.
            Attacks meet only images that are still classified as labelled. {Text(RuntimeInformation.FrameworkDescription)}, {Environment.ProcessorCount} processors. All numbers: report.json.</p>
            <pre>{Text(Command(settings))}</pre>
            </body></html>

            """);
        return page.ToString();
    }

    private static void AddTable(StringBuilder page, RobustnessEvaluation evaluation)
    {
        page.Append("<table><tr><th></th><th class=\"n\">met</th><th class=\"n\">broken</th><th class=\"n\">accuracy</th><th class=\"n\">95 % interval</th></tr>\n");
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
        page.Append("</table>\n");

        void Row(string name, long met, long? broken, double accuracy, AccuracyInterval? interval) => page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td>{Text(name)}</td><td class=\"n\">{met}</td><td class=\"n\">{broken}</td><td class=\"n\">{Percent(accuracy)}</td><td class=\"n\">{(interval is null ? "" : $"{Percent(interval.Lower)} to {Percent(interval.Upper)}")}</td></tr>\n");
    }

    private static void AddWarnings(StringBuilder page, IEnumerable<EvaluationWarning> warnings)
    {
        page.Append("<h2>Doubts</h2>\n");
        var any = false;
        foreach (var warning in warnings)
        {
            any = true;
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warn\"><b>{warning.Kind}</b>: {Text(warning.Message)}</p>\n");
        }
        if (!any)
            page.Append("<p>None of the checks found a reason to doubt these numbers.</p>\n");
    }

    private static void AddPicture(StringBuilder page, string folder, string file, string title, string caption) => page.Append(
        CultureInfo.InvariantCulture,
        $"<h2>{title}</h2>\n<p class=\"faint\">{caption}</p>\n<img alt=\"{title}\" src=\"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, file)))}\">\n");

    private static string Command(EvaluationSettings settings)
    {
        var options = new StringBuilder("adversarial evaluate --model ").Append(Quoted(settings.Model));
        if (settings.Images is { } images)
            options.Append(" --images ").Append(Quoted(images));
        options.Append(CultureInfo.InvariantCulture, $" --attack {settings.AttackName} --epsilon {settings.Epsilon}");
        if (settings.Limit is { } limit)
            options.Append(CultureInfo.InvariantCulture, $" --limit {limit}");
        if (settings.SearchPrecision != Precision.Single)
            options.Append(CultureInfo.InvariantCulture, $" --search-precision {settings.SearchPrecision}");
        return options.Append(CultureInfo.InvariantCulture, $" --seed {settings.Seed}").ToString();
    }

    /// <summary>As a shell takes it for one word.</summary>
    private static string Quoted(string path) =>
        path.All(letter => char.IsLetterOrDigit(letter) || "/\\:._-+".Contains(letter, StringComparison.Ordinal)) ? path : $"\"{path.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:f1} %");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
