using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Figures;
using Samples.PaperStudy.Findings;
using Samples.PaperStudy.Results;
using Tooling.CommandLine;

namespace Samples.PaperStudy.Reports;

/// <summary>Tables and figures of all that is finished so far, whoever finished it.</summary>
public sealed class StudyReport(StudySettings settings, StudyImages images, ResultStore store, OutputFolder output)
{
    /// <summary>The tables and figures written, each once.</summary>
    public IReadOnlyList<string> Files => [.. output.Written.Where(path => Path.GetDirectoryName(path) == output.Path).Distinct()];

    public void Write()
    {
        var (results, leftOut) = store.All(CellTable.All(settings));
        var table = new MeasurementTable(results);
        output.Write("study.csv", path => CsvTable.Write(path, results));
        output.Write("study.md", path => MarkdownReport.Write(path, settings, images, table, leftOut));
        foreach (var figure in FigureTable.All(settings, table))
            output.Write(figure.Name, figure.Write);
    }
}
