using Samples.CommandLine;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Results;

namespace Samples.PaperStudy.Reports;

/// <summary>Tables and figures of all that is finished so far.</summary>
public sealed class StudyReport(StudySettings settings, ResultStore store, OutputFolder output)
{
    public IReadOnlyList<string> Files => [.. output.Written.Where(path => Path.GetDirectoryName(path) == output.Path).Distinct()];

    public void Write()
    {
        var (results, leftOut) = store.All(CellTable.All(settings));
        output.Write("study.csv", path => CsvTable.Write(path, results));
    }
}
