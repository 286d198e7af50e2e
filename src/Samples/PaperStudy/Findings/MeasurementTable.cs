using Samples.PaperStudy.Results;

namespace Samples.PaperStudy.Findings;

/// <summary>All numbers of a study by their condition.</summary>
public sealed class MeasurementTable
{
    private readonly Dictionary<Condition, Measurement> measurements;

    public MeasurementTable(IEnumerable<CellResult> results) =>
        measurements = results.OrderBy(result => result.Seed)
            .SelectMany(Numbers)
            .GroupBy(number => number.Condition)
            .ToDictionary(group => group.Key, group => new Measurement([.. group.Select(number => number.Accuracy)], group.First().Examples));

    /// <summary>Null where no seed has it yet.</summary>
    public Measurement? Of(Condition condition) => measurements.GetValueOrDefault(condition);

    private static IEnumerable<(Condition Condition, double Accuracy, long Examples)> Numbers(CellResult result) =>
        from domain in result.Domains
        from measured in domain.Conditions
        select (new Condition(result.Cell, domain.Domain, measured.Steps), measured.Accuracy, measured.Examples);
}
