using System.Globalization;
using System.Text;
using Samples.PaperStudy.Findings;

namespace Samples.PaperStudy.Reports;

/// <summary>The study for people: each finding with this study's numbers beside the paper's, and what they say.</summary>
public sealed class MarkdownReport(StudySettings settings, StudyImages images, MeasurementTable table, IReadOnlyList<string> leftOut)
{
    private readonly StringBuilder text = new();

    public static void Write(string path, StudySettings settings, StudyImages images, MeasurementTable table, IReadOnlyList<string> leftOut) =>
        File.WriteAllText(path, new MarkdownReport(settings, images, table, leftOut).Text());

    public string Text()
    {
        var findings = FindingTable.All(settings);
        text.Clear();
        Line("# Intriguing properties of adversarial training, rerun");
        Line();
        Line("The findings of Xie & Yuille, \"Intriguing properties of adversarial training at scale\", ICLR 2020 (ImageNet, 16/255, ResNet-152 and deeper), at another scale. The paper's numbers");
        Line("between the ends of its figures are read off them.");
        Line();
        AddVerdicts(findings);
        AddSettings();
        foreach (var finding in findings)
            Add(finding);
        if (leftOut.Count > 0)
        {
            Line("## Left out");
            Line();
            foreach (var reason in leftOut)
                Line($"* {reason}");
            Line();
        }
        return text.ToString();
    }

    public static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Seen => "seen",
        Verdict.NotSeen => "not seen",
        Verdict.WithinNoise => "within noise",
        _ => "not run",
    };

    private void AddVerdicts(IReadOnlyList<Finding> findings)
    {
        Line("| finding | | verdict |");
        Line("|---:|---|---|");
        foreach (var finding in findings)
            Line($"| {finding.Number} | {finding.Title} | {Words(finding.Judge(table))} |");
        Line();
        Line($"A difference is *within noise* while it is smaller than {Comparison.StandardErrors} standard errors. A mean's squared standard error adds p(1 - p)/n, for the n test images, and s²/k, for");
        Line("the sample variance s² over k seeds; with one seed the second part is unknown and left out. Beyond the noise a difference in the paper's direction is *seen*, one in the other is");
        Line("*not seen*. All cells meet the same test images, which makes the noise of a difference smaller than this and the rule cautious. A finding with two differences is seen if");
        Line("both are. It is *not run* where a number is missing.");
        Line();
    }

    private void AddSettings()
    {
        Line("## Settings");
        Line();
        Line("| | |");
        Line("|---|---|");
        Line($"| training images | {images.TrainingDescription} |");
        Line($"| test images | {images.TestDescription} |");
        Line($"| network | ResNet-{settings.Depth}, width {settings.Width} |");
        Line($"| training | {settings.Epochs} epochs of batches of {settings.BatchSize}, peak rate {Number(settings.LearningRate)}, {StudySettings.Schedule} |");
        Line($"| augmentation | {(settings.Augmentation.HorizontalFlip ? "flips, " : "")}crops with padding {settings.Augmentation.CropPadding} |");
        Line($"| attack in training | {settings.TrainingAttack} |");
        Line($"| attacks in the evaluation | {string.Join(", ", settings.AttackSteps.Select(steps => $"PGD-{steps}"))} ({settings.TrainingAttack.Budget}, {settings.Goal}, random start) |");
        Line("| accuracy | the share classified as labelled, mean over the seeds ± half the range of two seeds or the sample standard deviation of more |");
        Line();
    }

    private void Add(Finding finding)
    {
        Line($"## {finding.Number}. {finding.Title}: {Words(finding.Judge(table))}");
        Line();
        Line("| | measured | here | seeds | test images | paper |");
        Line("|---|---|---:|---:|---:|---:|");
        foreach (var row in finding.Rows)
        {
            var measured = table.Of(row.Condition) is { } measurement
                ? $"{Percent(measurement.Mean)}{(measurement.Spread is { } spread ? $" ± {Points(spread)}" : "")} | {measurement.Accuracies.Count} | {measurement.Examples}"
                : "not run | | ";
            Line($"| {row.Label} | {row.Condition.Measured} | {measured} | {row.Paper} |");
        }
        Line();
        if (finding.Comparisons.Count > 0)
        {
            Line("| claim | difference here | noise | difference in the paper | verdict |");
            Line("|---|---:|---:|---:|---|");
            foreach (var comparison in finding.Comparisons)
                Line(comparison);
            Line();
        }
        if (finding.Note.Length > 0)
        {
            Line(finding.Note);
            Line();
        }
    }

    private void Line(Comparison comparison)
    {
        var outcome = comparison.Judge(table);
        var isRun = outcome.Verdict != Verdict.NotRun;
        Line($"| {comparison.Claim} | {(isRun ? Signed(outcome.Difference) : "")} | {(isRun ? Points(outcome.Noise) : "")} | {(comparison.Paper is { } paper ? Signed(paper) : "")} | {Words(outcome.Verdict)} |");
    }

    private void Line(string line = "") => text.Append(line).Append('\n');

    private static string Percent(double share) => FormattableString.Invariant($"{share * 100:f1} %");

    private static string Points(double share) => FormattableString.Invariant($"{share * 100:f1}");

    private static string Signed(double share) => FormattableString.Invariant($"{share * 100:+0.0;-0.0;0.0}");

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
