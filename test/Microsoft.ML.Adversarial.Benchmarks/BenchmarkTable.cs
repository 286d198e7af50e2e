namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>All benchmarks, in the order in which they run.</summary>
internal static class BenchmarkTable
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new TrainingStepBenchmark(TrainingCase.SmallImages(width: 16, batch: 128), rounds: 9),
        new TrainingStepBenchmark(TrainingCase.SmallImages(width: 64, batch: 64), rounds: 5),
        new TrainingStepBenchmark(TrainingCase.LargeImages(batch: 4), rounds: 3),
        new PgdEvaluationBenchmark(),
        new AttackBenchmark("AutoAttack", AutoAttack.Standard),
        new AttackBenchmark("FAB", budget => new FabAttack(budget)),
        new AttackBenchmark("Square", budget => new SquareAttack(budget)),
        new ImportedAttackBenchmark(),
        ImportBenchmark.LargeImages,
        ImportBenchmark.SmallImages,
        new PredictionBenchmark(),
        new ReadingBenchmark(),
        new TrainingFromFilesBenchmark(Precision.Single),
        new TrainingFromFilesBenchmark(Precision.BFloat16),
    ];

    /// <exception cref="ArgumentException">No name has the text in it.</exception>
    public static IReadOnlyList<Benchmark> Matching(string filter)
    {
        Benchmark[] matching = [.. All.Where(benchmark => benchmark.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        return matching.Length > 0
            ? matching
            : throw new ArgumentException($"--filter is '{filter}', which no benchmark has in its name; expected part of one of: {string.Join("; ", All.Select(benchmark => benchmark.Name))}.");
    }
}
