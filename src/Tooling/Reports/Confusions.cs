using System.Globalization;
using System.Text;
using Microsoft.ML.Adversarial;

namespace Tooling.Reports;

/// <summary>What became of what under the attack: the most frequent confusions, and where the classes are few the whole matrix.</summary>
public static class Confusions
{
    private const int MostRows = 20, MostClasses = 40, FewClasses = 12, LongestName = 12;

    private const double Cell = 15, CountedCell = 25, LetterWidth = 7;

    public static string Section(RobustnessEvaluation evaluation)
    {
        var (confusions, name) = (evaluation.Confusions(0), Html.Text(evaluation.Attacks[0].Attack.Name));
        var page = new StringBuilder("<h2 id=\"confusions\">What became of what</h2>\n");
        if (confusions.Count == 0)
            return page.Append(CultureInfo.InvariantCulture, $"<p>Under {name} every image is classified as labelled.</p>\n").ToString();
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"faint\">What images are taken for under {name}: those that it broke, and those that are misclassified without it. The confidence is the mean of the images'.</p>\n");
        if (evaluation.Classes.Count <= MostClasses)
            AddMatrix(page, evaluation, confusions);
        page.Append("<table><thead><tr><th scope=\"col\">class</th><th scope=\"col\">taken for</th><th scope=\"col\" class=\"n\">images</th><th scope=\"col\" class=\"n\">of the class</th><th scope=\"col\" class=\"n\">broken</th><th scope=\"col\" class=\"n\">confidence</th></tr></thead><tbody>\n");
        foreach (var confusion in confusions.Take(MostRows))
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th scope=\"row\">{Html.Text(confusion.Label)}</th><td>{Html.Text(confusion.Predicted ?? "no class")}</td><td class=\"n\">{confusion.Images}</td><td class=\"n\">{Html.Percent(confusion.Images / (double)confusion.OfClass)}</td><td class=\"n\">{confusion.Broken}</td><td class=\"n\">{Html.Percent(confusion.Confidence)}</td></tr>\n");
        page.Append("</tbody></table>\n");
        if (confusions.Count > MostRows)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"faint\">The {MostRows} most frequent of {confusions.Count}; report.json has all.</p>\n");
        return page.ToString();
    }

    /// <summary>Rows are true classes, columns what their images were taken for; the deeper the colour, the more of the row.</summary>
    private static void AddMatrix(StringBuilder page, RobustnessEvaluation evaluation, IReadOnlyList<ClassConfusion> confusions)
    {
        string[] names = [.. evaluation.Classes.Select(one => one.Name)];
        var cell = names.Length <= FewClasses ? CountedCell : Cell;
        var left = 8 + LetterWidth * names.Max(name => Math.Min(name.Length, LongestName));
        var side = left + cell * names.Length + 2;
        var seen = $"Confusion matrix of {names.Length} classes: rows are true classes, columns what they are taken for under {evaluation.Attacks[0].Attack.Name}. {evaluation.Attacks[0].Accuracy} lie on the diagonal. The most frequent confusion: {confusions[0].Images} images of {confusions[0].Label} taken for {confusions[0].Predicted ?? "no class"}. The table below has the numbers.";
        page.Append(CultureInfo.InvariantCulture, $"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Confusion matrix\"><svg class=\"matrix\" viewBox=\"0 0 {side} {side}\" style=\"width:{side}px\" role=\"img\" aria-label=\"{Html.Text(seen)}\">\n");
        foreach (var (place, name) in names.Index())
        {
            var (shown, middle) = (Html.Text(name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name), Html.Number(left + cell * (place + 0.5)));
            page.Append(CultureInfo.InvariantCulture, $"<text class=\"end\" x=\"{left - 4}\" y=\"{middle}\" dy=\"4\">{shown}</text><text transform=\"translate({middle} {left - 4}) rotate(-90)\" dy=\"4\">{shown}</text>\n");
        }
        foreach (var (row, one) in evaluation.Classes.Index().Where(pair => pair.Item.CleanAccuracy.Examples > 0))
        {
            var (kept, all) = ((int)Math.Round(one.AttackAccuracies[0].Accuracy * one.AttackAccuracies[0].Examples), one.AttackAccuracies[0].Examples);
            Add(row, row, "right", kept, all, $"{one.Name}: {kept} of {all} stay {one.Name}");
            foreach (var confusion in confusions.Where(confusion => confusion.Label == one.Name && confusion.Predicted is not null))
                Add(row, Array.IndexOf(names, confusion.Predicted), "wrong", confusion.Images, confusion.OfClass, $"{one.Name}: {confusion.Images} of {confusion.OfClass} taken for {confusion.Predicted}");
        }
        page.Append("</svg></div>\n");

        void Add(int row, int column, string style, int count, long all, string words)
        {
            var (x, y) = (left + cell * column, left + cell * row);
            page.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{Html.Number(x)}\" y=\"{Html.Number(y)}\" width=\"{cell}\" height=\"{cell}\" fill-opacity=\"{Html.Number(count == 0 ? 0 : 0.1 + 0.35 * count / all)}\"><title>{Html.Text(words)}</title></rect>\n");
            if (cell == CountedCell && count > 0)
                page.Append(CultureInfo.InvariantCulture, $"<text class=\"count middle\" x=\"{Html.Number(x + cell / 2)}\" y=\"{Html.Number(y + cell / 2)}\" dy=\"4\">{count}</text>\n");
        }
    }
}
