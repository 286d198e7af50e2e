namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Lets contestants take turns, round by round, so that whatever else the machine does meets all of them alike: ratios are of laps side by side.</summary>
internal sealed class PairedRunner(CancellationToken cancellation)
{
    public IReadOnlyList<Measurement> Run(Race race, int rounds)
    {
        var contestants = race.Contestants;
        for (var i = 0; i < race.WarmUps; i++)
            foreach (var contestant in contestants)
                Lap(contestant);

        var peaks = contestants.Select(contestant => contestant.Precision).Distinct().ToDictionary(precision => precision, precision => new List<double>());
        List<Lap>[] laps = [.. contestants.Select(_ => new List<Lap>())];
        var memory = new long[contestants.Count];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < contestants.Count; i++)
            {
                PeakMemory.Restart();
                laps[i].Add(Lap(contestants[i]));
                memory[i] = Math.Max(memory[i], PeakMemory.Bytes);
            }
            if (race.TypicalLayer is { } layer)
                foreach (var (precision, found) in peaks)
                    found.Add(ConvolutionPeak.Measure(layer, precision));
        }
        return [.. contestants.Select((contestant, i) => new Measurement
        {
            Contestant = contestant.Name,
            Ratio = i == 0 ? null : Spread.Of(laps[0].Zip(laps[i], (baseline, own) => baseline.SecondsPerImage / own.SecondsPerImage)),
            ImagesPerSecond = 1 / Spread.Of(laps[i].Select(lap => lap.SecondsPerImage)).Median,
            OperationsPerSecond = 2 * race.MultiplyAdds * Spread.Of(laps[i].Select(lap => lap.PassesPerSecond)).Median,
            Peak = Peak(contestant.Precision),
            PeakMemory = memory[i],
        })];

        Lap Lap(Contestant contestant)
        {
            cancellation.ThrowIfCancellationRequested();
            // What one leaves behind is not collected in the time of the next.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return contestant.Run();
        }

        double? Peak(Precision precision) => peaks[precision] is { Count: > 0 } found ? found.Max() : null;
    }
}
