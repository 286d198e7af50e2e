using Samples.PaperStudy;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Findings;
using Samples.PaperStudy.Results;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

/// <summary>Results that nobody trained for: every cell with every seed, its accuracies chosen by a test.</summary>
internal static class MadeUpStudy
{
    public const int Examples = 2000;

    public static StudySettings Settings { get; } = StudySettings.Default with { Depths = [8, 14, 20], AttackSteps = [10, 50, 200] };

    public static StudyImages Images { get; } = new(new ImageSet([], 32, 32, IsGrey: false), new ImageSet([], 32, 32, IsGrey: false));

    public static CellSettings SettingsOf(Cell cell) => CellSettings.Of(cell, Settings, Images);

    /// <param name="seeds">For each a result.</param>
    /// <param name="accuracy">Of a cell with a seed in a domain under an attack of so many steps; 0 steps mean clean images.</param>
    public static IReadOnlyList<CellResult> Results(IEnumerable<int> seeds, Func<Condition, int, double> accuracy) =>
        [.. from cell in CellTable.All(Settings) from seed in seeds select Result(cell, seed, condition => accuracy(condition, seed))];

    public static CellResult Result(Cell cell, int seed, Func<Condition, double> accuracy) => new(
        cell.Name, seed, SettingsOf(cell), [.. cell.Domains.Select(domain => Result(cell, domain, accuracy))], TrainingSeconds: 12.5, EvaluationSeconds: 3);

    /// <summary>As the paper tells it: mixing robs one batch normalisation of its robustness, the longer the attack the more.</summary>
    public static double AsInThePaper(Condition condition, int seed)
    {
        var cell = CellTable.All(Settings).Single(cell => cell.Name == condition.Cell);
        if (cell.IsPlain)
            return condition.Steps == 0 ? 0.7 + 0.001 * cell.Depth : 0.01;
        var length = Math.Log10(Math.Max(1, condition.Steps));
        var mixing = cell.Normalization == Normalization.Batch ? cell.CleanRatio : 0;
        return 0.5 - 0.04 * length + 0.008 * (cell.Depth - 14) + 0.05 * cell.ConsistentEpochs + mixing * 0.12 * (1.5 - length) + 0.002 * seed;
    }

    private static DomainResult Result(Cell cell, ImageDomain domain, Func<Condition, double> accuracy) => new(
        domain,
        accuracy(new Condition(cell.Name, domain, 0)),
        Examples,
        [.. Settings.AttackStepsOf(cell).Select(steps => new AttackResult(steps, accuracy(new Condition(cell.Name, domain, steps)), Examples))]);
}
