using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Findings;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public class VerdictTests
{
    private static readonly Condition Alone = Condition.Attacked(CellName.Adversarial, 200), Mixed = Condition.Attacked(CellName.Mixed(100), 200);

    [Theory]
    // With 2000 images and accuracies about 0.3, two standard errors of a difference are 0.029.
    [InlineData(0.32, 0.28, Verdict.Seen)]
    [InlineData(0.28, 0.32, Verdict.NotSeen)]
    [InlineData(0.31, 0.29, Verdict.WithinNoise)]
    [InlineData(0.29, 0.31, Verdict.WithinNoise)]
    [InlineData(0, 0, Verdict.WithinNoise)]
    public void A_difference_counts_from_two_standard_errors_on(double alone, double mixed, Verdict expected)
    {
        var outcome = Judge([alone], [mixed]);

        Assert.Equal(expected, outcome.Verdict);
        Assert.Equal(alone - mixed, outcome.Difference, 1e-12);
    }

    [Fact]
    public void The_noise_joins_the_error_of_the_test_images_and_the_spread_over_the_seeds()
    {
        var outcome = Judge([0.30, 0.40], [0.20]);

        // Of the first: variance 0.005 of two seeds, and the test images' own.
        var images = 0.35 * 0.65 / 2000 + 0.2 * 0.8 / 2000;
        Assert.Equal(2 * Math.Sqrt(0.005 / 2 + images), outcome.Noise, 1e-4);
        Assert.Equal(Verdict.Seen, outcome.Verdict);
        Assert.Equal(Verdict.WithinNoise, Judge([0.22, 0.42], [0.2]).Verdict);
    }

    [Fact]
    public void The_spread_is_half_the_range_of_two_seeds_and_the_standard_deviation_of_more()
    {
        Assert.Null(new Measurement([0.3], 100).Spread);
        Assert.Equal(0.05, new Measurement([0.3, 0.4], 100).Spread!.Value, 1e-12);
        Assert.Equal(0.1, new Measurement([0.2, 0.3, 0.4], 100).Spread!.Value, 1e-12);
    }

    [Fact]
    public void A_missing_cell_leaves_a_comparison_not_run()
    {
        var table = new MeasurementTable([MadeUpStudy.Result(Cell(CellName.Adversarial), 1, _ => 0.3)]);

        Assert.Equal(Verdict.NotRun, Comparison.Of("", Alone, Mixed, null).Judge(table).Verdict);
        Assert.All(FindingTable.All(MadeUpStudy.Settings), finding => Assert.Equal(Verdict.NotRun, finding.Judge(table)));
    }

    [Fact]
    public void Numbers_like_the_papers_show_every_finding()
    {
        var table = new MeasurementTable(MadeUpStudy.Results([1, 2], MadeUpStudy.AsInThePaper));

        Assert.All(FindingTable.All(MadeUpStudy.Settings), finding => Assert.True(finding.Judge(table) == Verdict.Seen, finding.Title));
    }

    [Fact]
    public void Where_all_cells_fare_alike_no_finding_is_seen()
    {
        var table = new MeasurementTable(MadeUpStudy.Results([1, 2], (_, _) => 0.3));

        Assert.All(FindingTable.All(MadeUpStudy.Settings), finding => Assert.Equal(Verdict.WithinNoise, finding.Judge(table)));
    }

    [Fact]
    public void A_finding_with_two_differences_wants_both()
    {
        // Under the short attack the mixture is worse: the order is the same at both lengths, and not reversed.
        var results = MadeUpStudy.Results([1], (condition, _) => condition.Cell == CellName.Mixed(100) ? 0.2 : 0.4);

        Assert.Equal(Verdict.NotSeen, FindingTable.All(MadeUpStudy.Settings)[1].Judge(new MeasurementTable(results)));
    }

    [Fact]
    public void The_papers_own_clean_ratios_fall_by_twenty_points()
    {
        var fall = Assert.Single(FindingTable.All(MadeUpStudy.Settings)[2].Comparisons);

        // Least squares through 39.2, 32.1, 29.1, 15.3, 20.4, 20.9 at 0, 20, ... 100.
        Assert.Equal(0.201, fall.Paper!.Value, 0.0005);
    }

    [Fact]
    public void One_attack_length_and_one_depth_leave_nothing_to_compare()
    {
        var settings = MadeUpStudy.Settings with { AttackSteps = [10], Depths = [14] };
        var table = new MeasurementTable(MadeUpStudy.Results([1, 2], MadeUpStudy.AsInThePaper));

        Assert.Equal(Verdict.NotRun, FindingTable.All(settings)[1].Judge(table));
        Assert.Equal(Verdict.NotRun, FindingTable.All(settings)[6].Judge(table));
    }

    private static ComparisonOutcome Judge(IEnumerable<double> alone, IEnumerable<double> mixed)
    {
        var results = alone.Select((accuracy, seed) => MadeUpStudy.Result(Cell(CellName.Adversarial), seed, _ => accuracy))
            .Concat(mixed.Select((accuracy, seed) => MadeUpStudy.Result(Cell(CellName.Mixed(100)), seed, _ => accuracy)));
        return Comparison.Of("alone over mixed", Alone, Mixed, paper: 0.183).Judge(new MeasurementTable(results));
    }

    private static Cell Cell(string name) => CellTable.All(MadeUpStudy.Settings).Single(cell => cell.Name == name);
}
