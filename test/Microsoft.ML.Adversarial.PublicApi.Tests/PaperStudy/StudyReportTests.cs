using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Figures;
using Samples.PaperStudy.Findings;
using Samples.PaperStudy.Reports;
using SkiaSharp;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public sealed class StudyReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("study-report-").FullName;
    private readonly MeasurementTable full = new(MadeUpStudy.Results([1, 2], MadeUpStudy.AsInThePaper)), empty = new([]);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_csv_has_a_line_for_each_cell_seed_domain_and_condition()
    {
        var lines = CsvTable.Lines(MadeUpStudy.Results([1, 2], (_, seed) => 0.25 * seed)).ToList();

        Assert.Equal("cell,seed,domain,condition,steps,accuracy,examples,training_seconds", lines[0]);
        Assert.Contains("mixture-batch,2,Clean,PGD-10,10,0.5,2000,12.5", lines);
        Assert.Contains("plain-8,1,Clean,clean,0,0.25,2000,12.5", lines);
        var perSeed = CellTable.All(MadeUpStudy.Settings).Sum(cell => cell.Domains.Sum(domain => 1 + MadeUpStudy.Settings.AttackStepsOf(cell).Count));
        Assert.Equal(1 + 2 * perSeed, lines.Count);
    }

    [Fact]
    public void The_report_sets_each_number_beside_the_papers()
    {
        var text = new MarkdownReport(MadeUpStudy.Settings, MadeUpStudy.Images, full, []).Text();

        Assert.Contains("| attacked images alone | PGD-200 | 41.1 % ± 0.1 | 2 | 2000 | 39.2 % (PGD-2000) |", text, StringComparison.Ordinal);
        Assert.Contains("| attacked and clean images | PGD-10 | 52.3 % ± 0.1 | 2 | 2000 | 56.3 % |", text, StringComparison.Ordinal);
        Assert.Contains("## 6. Training the last epochs with the running statistics, as at test time, gains robustness: seen", text, StringComparison.Ordinal);
        Assert.Contains("PGD-10, PGD-50, PGD-200 (L-inf 8/255, random target, random start)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not run |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Left out", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_of_nothing_says_so_everywhere()
    {
        var text = new MarkdownReport(MadeUpStudy.Settings, MadeUpStudy.Images, empty, ["group-seed1.json: width is 5 there and 16 here"]).Text();

        Assert.Equal(7, text.Split('\n').Count(line => line.StartsWith("## ", StringComparison.Ordinal) && line.EndsWith("not run", StringComparison.Ordinal)));
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.Contains("* group-seed1.json: width is 5 there and 16 here", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_table_row_has_as_many_cells_as_its_head()
    {
        foreach (var table in (MeasurementTable[])[full, empty])
        {
            var columns = 0;
            foreach (var line in new MarkdownReport(MadeUpStudy.Settings, MadeUpStudy.Images, table, []).Text().Split('\n'))
            {
                var bars = line.StartsWith('|') ? line.Count(letter => letter == '|') : 0;
                Assert.True(bars == 0 || columns == 0 || bars == columns, line);
                columns = bars;
            }
        }
    }

    [Fact]
    public void The_figures_are_drawn_with_all_cells_and_with_none()
    {
        foreach (var (name, table) in new[] { ("full", full), ("empty", empty) })
            foreach (var figure in FigureTable.All(MadeUpStudy.Settings, table))
            {
                var path = Path.Combine(folder, $"{name}-{figure.Name}");
                figure.Write(path);
                using var picture = SKBitmap.Decode(path);
                Assert.True(picture.Pixels.Count(pixel => pixel != SKColors.White) > 5000, $"{path} is empty.");
            }
        Assert.Equal(
            ["attack-length.png", "clean-ratio.png", "depth.png"], FigureTable.All(MadeUpStudy.Settings, full).Select(figure => figure.Name));
    }

    [Fact]
    public void A_missing_cell_leaves_a_line_out()
    {
        var some = new MeasurementTable(MadeUpStudy.Results([1, 2], MadeUpStudy.AsInThePaper).Where(result => result.Cell != CellName.Group));

        Assert.Equal(["attacked only", "mixed", "mixed, paired logits", "mixed, mixture BN", "mixed, group norm"], Lines(full));
        Assert.Equal(["attacked only", "mixed", "mixed, paired logits", "mixed, mixture BN"], Lines(some));
        Assert.Empty(Lines(empty));

        static IEnumerable<string> Lines(MeasurementTable table) =>
            AttackLengthFigure.Create(MadeUpStudy.Settings, table).Panels[0].Series.Select(series => series.Title).OfType<string>();
    }
}
