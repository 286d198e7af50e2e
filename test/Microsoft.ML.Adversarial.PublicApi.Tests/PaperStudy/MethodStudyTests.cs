using Samples.PaperStudy.Methods;
using SkiaSharp;
using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

/// <summary>Training methods in the same time.</summary>
public sealed class MethodStudyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("method-study-").FullName;

    private static MethodStudySettings Settings { get; } = new() { Scale = MadeUpStudy.Settings, Time = TimeSpan.FromMinutes(4), Methods = ["pgd", "fgsm", "trades-awp"] };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Within a budget that breaks every image at once: the attacks themselves are tested elsewhere.</summary>
    [Fact]
    public void It_trains_measures_writes_everything_and_takes_finished_methods_over()
    {
        var (exitCode, text, errors) = Run("--minutes", "0.01");

        Assert.True(exitCode == 0, text + errors);
        Assert.Matches(@"plain        seed 1  done: \d+ epochs in ", text);
        Assert.Equal(["methods.csv", "methods.md", "methods.png"], Directory.GetFiles(Path.Combine(folder, "study")).Select(Path.GetFileName).Order());
        var result = Path.Combine(folder, "study", "methods", "plain-seed1.json");
        var before = File.ReadAllText(result);

        (exitCode, text, errors) = Run("--minutes", "0.01");
        Assert.True(exitCode == 0, text + errors);
        Assert.Matches(@"plain        seed 1  taken over: \d+ epochs in ", text);

        (exitCode, _, errors) = Run("--minutes", "0.02");
        Assert.Equal(1, exitCode);
        Assert.Contains("minutes is 0.01 there and 0.02 here", errors, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(result));
    }

    [Theory]
    [InlineData("--minutes", "0", "--minutes is 0; expected a number above 0.")]
    [InlineData("--methods", "pgd,madry", "--methods is 'madry'; expected one of plain, pgd,")]
    public void A_wrong_option_is_named_before_anything_runs(string option, string value, string expected)
    {
        var (exitCode, text, errors) = Run(option, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("seed 1  epoch", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_means_with_intervals_and_says_where_a_method_collapsed()
    {
        MethodResult[] results = [Result("pgd", 1, 0.40), Result("fgsm", 1, 0.01, collapsed: 7), Result("pgd", 2, 0.44), Result("fgsm", 2, 0.03)];

        var text = new MethodReport(Settings, MadeUpStudy.Images, results).Markdown();

        // 0.42 of 2000 images: a deviation of 0.011; two seeds 0.04 apart: one of 0.020 of their mean; 1.96 times the root of the sum of both squares.
        Assert.Contains("| pgd | 9, 9 | 70.0 ± 2.0 % | 45.0 ± 4.5 % | 42.0 ± 4.5 % | 8, 8 | 41.0 %, 41.0 % | no, no |", text, StringComparison.Ordinal);
        Assert.Contains("| epoch 7, no |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("| trades-awp |", text, StringComparison.Ordinal);
        Assert.Contains("| fgsm | adversarial training against FGSM (L-inf", text, StringComparison.Ordinal);
        Assert.Equal(5, new MethodReport(Settings, MadeUpStudy.Images, results).Csv().Count());
    }

    /// <summary>At a learning rate that leaves no number after some updates.</summary>
    [Fact]
    public void A_training_that_diverges_is_a_line_of_its_own_and_the_next_method_is_tried()
    {
        var (exitCode, text, errors) = Run("--minutes", "0.1", "--methods", "plain,pgd", "--learning-rate", "100", "--batch-size", "1");

        Assert.True(exitCode == 0, text + errors);
        Assert.Contains("plain        seed 1  done: failed. Training diverged: the loss is", text, StringComparison.Ordinal);
        Assert.Contains("pgd          seed 1  done: ", text, StringComparison.Ordinal);
        Assert.Contains("* plain, seed 1: Training diverged", File.ReadAllText(Path.Combine(folder, "study", "methods.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_is_measured_by_its_seeds_that_ended_well()
    {
        var failed = Result("pgd", 2, 0) with { Failure = "Training diverged: the loss is NaN.", Measures = null };
        var report = new MethodReport(Settings, MadeUpStudy.Images, [Result("pgd", 1, 0.40), failed, failed with { Method = "fgsm", Seed = 1 }]);

        var text = report.Markdown();

        Assert.Contains("| pgd | 9, 9 | 70.0 ± 2.0 % | 43.0 ± 2.2 % | 40.0 ± 2.1 % | 8, failed | 41.0 %, failed | no, failed |", text, StringComparison.Ordinal);
        Assert.Contains("| fgsm | 9 |  |  |  | failed | failed | failed |", text, StringComparison.Ordinal);
        Assert.Contains("* fgsm, seed 1: Training diverged: the loss is NaN.", text, StringComparison.Ordinal);
        Assert.All(report.Csv(), line => Assert.Equal(10, line.Count(letter => letter == ',')));
        report.Write(new OutputFolder(folder));
    }

    [Fact]
    public void The_figure_can_be_drawn()
    {
        new MethodReport(Settings, MadeUpStudy.Images, [Result("pgd", 1, 0.40), Result("fgsm", 1, 0.01, collapsed: 7), Result("pgd", 2, 0.44)]).Write(new OutputFolder(folder));

        using var picture = SKBitmap.Decode(Path.Combine(folder, "methods.png"));
        Assert.True(picture.Width > 1000 && picture.Height > 500);
    }

    private static MethodResult Result(string method, int seed, double robust, int? collapsed = null) => new()
    {
        Method = method,
        Seed = seed,
        Settings = MethodSettings.Of(method, Settings, MadeUpStudy.Images),
        Epochs = 9,
        Measures = new MethodMeasures
        {
            TrainingSeconds = 240,
            BestEpoch = 8,
            LastEpochRobust = 0.41,
            CollapsedEpoch = collapsed,
            Examples = 2000,
            CleanAccuracy = 0.7,
            PgdAccuracy = robust + 0.03,
            AutoAttackAccuracy = robust,
        },
    };

    private (int ExitCode, string Output, string Errors) Run(params string[] more) => RunningProgram.Run(
        "src/Samples/PaperStudy", ["methods", "--quick", "--limit", "4", "--test-limit", "10", "--width", "4", "--epsilon", "200", .. more.Contains("--methods") ? (string[])[] : ["--methods", "plain"], "--output", Path.Combine(folder, "study"), .. more]);
}
