using System.Globalization;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>An evaluation for people to read.</summary>
internal sealed class RobustnessMarkdown(RobustnessEvaluation evaluation)
{
    private const int MostConfusions = 5;

    private readonly StringBuilder text = new();

    /// <summary>A line: the clean, the attacked and the worst accuracy.</summary>
    public static string Summary(RobustnessEvaluation evaluation)
    {
        var attacks = evaluation.Attacks.Select(attacked => $", {Plain(attacked.Accuracy)} under {attacked.Attack.Name} within {attacked.Attack.Budget}");
        var worst = evaluation.Attacks.Count > 1 ? $", {Plain(evaluation.WorstCaseAccuracy)} in the worst case" : "";
        var warned = evaluation.Warnings.Count > 0 ? $"; warnings: {string.Join(", ", evaluation.Warnings.Select(warning => warning.Kind).Distinct())}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"Accuracy on {evaluation.Examples} images: {Plain(evaluation.CleanAccuracy)} clean{string.Concat(attacks)}{worst}{warned}");
    }

    public string Text()
    {
        text.Clear();
        Line($"# Robustness on {evaluation.Examples.ToString(CultureInfo.InvariantCulture)} images");
        Line();
        if (evaluation.SearchPrecision != Precision.Single)
        {
            Line($"Searched in {evaluation.SearchPrecision}, decided in {Precision.Single}.");
            Line();
        }
        AddAttacks();
        Line();
        AddClasses();
        foreach (var (place, attacked) in evaluation.Attacks.Index())
            AddConfusions(attacked.Attack, evaluation.Confusions(place));
        foreach (var warning in evaluation.Warnings)
        {
            Line();
            Line($"**{warning.Kind}**: {Cell(warning.Message)}");
        }
        return text.ToString();
    }

    private void AddAttacks()
    {
        Line("| images | budget | accuracy | 95 % interval | met | broken | time |");
        Line("|---|---|---:|---|---:|---:|---:|");
        Line($"| clean | | {Accuracy(evaluation.CleanAccuracy)} | | | |");
        foreach (var attacked in evaluation.Attacks)
        {
            Line($"| {Cell(attacked.Attack.Name)} | {Cell($"{attacked.Attack.Budget}")} | {Accuracy(attacked.Accuracy)} | {(attacked.Members is [var only] ? Costs(only) : "| |")} |");
            foreach (var member in attacked.Members.Where(_ => attacked.Members.Count > 1))
                Line($"| of these {Cell(member.Attack.Name)} | {Cell($"{member.Attack.Budget}")} | | | {Costs(member)} |");
        }
        Line($"| worst case | | {Accuracy(evaluation.WorstCaseAccuracy)} | | | |");
    }

    private void AddClasses()
    {
        Line($"| class | images | clean |{string.Concat(evaluation.Attacks.Select(attacked => $" {Cell(attacked.Attack.Name)} |"))} worst case |");
        Line($"|---|---:|---:|{string.Concat(Enumerable.Repeat("---:|", evaluation.Attacks.Count))}---:|");
        foreach (var one in evaluation.Classes)
            Line(string.Create(
                CultureInfo.InvariantCulture,
                $"| {Cell(one.Name)} | {one.CleanAccuracy.Examples} | {Plain(one.CleanAccuracy)} |{string.Concat(one.AttackAccuracies.Select(accuracy => $" {Plain(accuracy)} |"))} {Plain(one.WorstCaseAccuracy)} |"));
    }

    private void AddConfusions(Attack attack, IReadOnlyList<ClassConfusion> confusions)
    {
        if (confusions.Count == 0)
            return;
        var which = confusions.Count > MostConfusions ? string.Create(CultureInfo.InvariantCulture, $", the {MostConfusions} most frequent of {confusions.Count}") : "";
        Line();
        Line($"What became of what under {Cell(attack.Name)} ({Cell($"{attack.Budget}")}){which}:");
        Line();
        Line("| class | taken for | images | of the class | broken |");
        Line("|---|---|---:|---:|---:|");
        foreach (var one in confusions.Take(MostConfusions))
            Line(string.Create(
                CultureInfo.InvariantCulture, $"| {Cell(one.Label)} | {Cell(one.Predicted ?? "no class")} | {one.Images} | {one.Images * 100.0 / one.OfClass:f1} % | {one.Broken} |"));
    }

    private static string Costs(AttackMemberEvaluation member) => string.Create(CultureInfo.InvariantCulture, $"{member.Examples} | {member.Broken} | {member.Elapsed.TotalSeconds:f1} s");

    private static string Accuracy(AccuracyInterval accuracy) =>
        string.Create(CultureInfo.InvariantCulture, $"{Plain(accuracy)} | [{accuracy.Lower * 100:f1}, {accuracy.Upper * 100:f1}]");

    private static string Plain(AccuracyInterval accuracy) =>
        double.IsNaN(accuracy.Accuracy) ? "none" : string.Create(CultureInfo.InvariantCulture, $"{accuracy.Accuracy * 100:f1} %");

    /// <summary>A name of a user's own must not end a table's cell.</summary>
    private static string Cell(string name) => name.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private void Line(string line = "") => text.Append(line).Append('\n');
}
