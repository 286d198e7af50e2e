namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Runs the benchmarks that were asked for, says each result as soon as it is there, and writes them down.</summary>
internal sealed class BenchmarkSession(BenchmarkSettings settings, CancellationToken cancellation)
{
    public void List()
    {
        foreach (var benchmark in BenchmarkTable.Matching(settings.Filter))
            Console.WriteLine($"{benchmark.Name}: {benchmark.Purpose} ({benchmark.Rounds} rounds)");
    }

    public void Run()
    {
        settings.Check();
        var benchmarks = BenchmarkTable.Matching(settings.Filter);
        TorchBackend.EnsureLoaded();
        using var workshop = new Workshop(settings, cancellation);
        var report = new MarkdownReport();
        Console.WriteLine(Machine.Describe());
        Console.WriteLine();
        Console.WriteLine(MarkdownReport.Head);
        foreach (var benchmark in benchmarks)
        {
            using var race = benchmark.Prepare(workshop);
            var measurements = new PairedRunner(cancellation).Run(race, settings.Rounds ?? benchmark.Rounds);
            foreach (var measurement in measurements)
                Console.WriteLine(report.Add(benchmark, measurement));
            if (race.Remark() is { Length: > 0 } remark)
                Console.WriteLine(report.Add(benchmark, remark));
            // Hours may follow.
            if (settings.Markdown is { } path)
                report.Write(path);
        }
    }
}
