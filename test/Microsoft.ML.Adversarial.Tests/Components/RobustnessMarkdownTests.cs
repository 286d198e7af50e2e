namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>An evaluation as people read it.</summary>
public class RobustnessMarkdownTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private readonly RobustnessEvaluation evaluation = toys.Ml.Adversarial().EvaluateRobustness(
        toys.Classifier, toys.Prepared, [AttackedPictures.Attack, new AttackEnsemble("both", Budget.LInf(24), [AttackedPictures.Attack, AttackedPictures.Attack with { Steps = 5 }])], new RobustnessEvaluationOptions { Seed = 5 });

    [Fact]
    public void The_tables_have_a_line_for_each_attack_member_and_class_and_name_the_warnings()
    {
        var lines = evaluation.ToMarkdown().Split('\n');

        Assert.Equal("# Robustness on 18 images", lines[0]);
        Assert.Contains($"| PGD-3 | L-inf 24/255 | {Percent(evaluation.Attacks[0].Accuracy)} |", lines.Single(line => line.StartsWith("| PGD-3", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.StartsWith("| of these PGD", StringComparison.Ordinal)));
        Assert.All(evaluation.Classes, one => Assert.Contains(lines, line => line.StartsWith($"| {one.Name} | 6 |", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("**FewExamples**: ", StringComparison.Ordinal));
        // Every row of a table has its head's cells.
        foreach (var table in lines.Where(line => line.StartsWith('|')).GroupBy(line => lines.Take(Array.IndexOf(lines, line)).Count(before => before.Length == 0)))
            Assert.Single(table.Select(line => line.Count(letter => letter == '|')).Distinct());
    }

    [Fact]
    public void Of_every_attack_the_most_frequent_confusions_are_told_with_what_the_attack_broke_of_them()
    {
        var lines = evaluation.ToMarkdown().Split('\n');

        foreach (var (place, attacked) in evaluation.Attacks.Index())
        {
            var confusions = evaluation.Confusions(place);
            var told = lines.SkipWhile(line => !line.StartsWith($"What became of what under {attacked.Attack.Name} (L-inf 24/255)", StringComparison.Ordinal)).Skip(4).TakeWhile(line => line.StartsWith('|')).ToList();
            Assert.Equal(Math.Min(5, confusions.Count), told.Count);
            Assert.StartsWith($"| {confusions[0].Label} | {confusions[0].Predicted} | {confusions[0].Images} | ", told[0], StringComparison.Ordinal);
            // All that is misclassified under the attack, once, and broken is what was not misclassified before it.
            Assert.Equal(attacked.IsCorrect.Count(isCorrect => !isCorrect), confusions.Sum(confusion => confusion.Images));
            Assert.Equal(evaluation.IsCorrectClean.Zip(attacked.IsCorrect).Count(image => image.First && !image.Second), confusions.Sum(confusion => confusion.Broken));
            Assert.All(confusions, confusion => Assert.Equal(
                evaluation.Labels.Zip(attacked.Predictions).Count(image => image.First == confusion.Label && image.Second.ClassName == confusion.Predicted), confusion.Images));
            Assert.Equal(confusions.Select(confusion => confusion.Images).OrderDescending(), confusions.Select(confusion => confusion.Images));
        }
        Assert.NotEmpty(evaluation.Confusions(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluation.Confusions(2));
    }

    [Fact]
    public void A_line_tells_the_accuracies_and_no_names_of_types()
    {
        var line = $"{evaluation}";

        Assert.StartsWith($"Accuracy on 18 images: {Percent(evaluation.CleanAccuracy)} clean, {Percent(evaluation.Attacks[0].Accuracy)} under PGD-3 within L-inf 24/255", line, StringComparison.Ordinal);
        Assert.Contains($" in the worst case; warnings: {string.Join(", ", evaluation.Warnings.Select(warning => warning.Kind).Distinct())}", line, StringComparison.Ordinal);
        Assert.Contains(EvaluationWarningKind.FewExamples, evaluation.Warnings.Select(warning => warning.Kind));
        Assert.DoesNotContain("System.", line, StringComparison.Ordinal);
    }

    private static string Percent(AccuracyInterval accuracy) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{accuracy.Accuracy * 100:f1} %");
}
