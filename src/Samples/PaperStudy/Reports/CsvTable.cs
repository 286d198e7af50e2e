using Samples.PaperStudy.Results;

namespace Samples.PaperStudy.Reports;

/// <summary>Every number for programs to read: one line for each cell, seed, domain and condition.</summary>
public static class CsvTable
{
    public const string Header = "cell,seed,domain,condition,steps,accuracy,examples,training_seconds";

    public static void Write(string path, IEnumerable<CellResult> results) => File.WriteAllLines(path, Lines(results));

    public static IEnumerable<string> Lines(IEnumerable<CellResult> results) => results.SelectMany(Lines).Prepend(Header);

    private static IEnumerable<string> Lines(CellResult result) =>
        from domain in result.Domains
        from measured in domain.Conditions
        select FormattableString.Invariant(
            $"{result.Cell},{result.Seed},{domain.Domain},{(measured.Steps == 0 ? "clean" : $"PGD-{measured.Steps}")},{measured.Steps},{measured.Accuracy:r},{measured.Examples},{result.TrainingSeconds}");
}
