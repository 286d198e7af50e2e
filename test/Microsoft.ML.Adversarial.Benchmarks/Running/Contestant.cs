using System.Diagnostics;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>One way of doing it.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Run">Does it once, and says how long it took.</param>
internal sealed record Contestant(string Name, Func<Lap> Run)
{
    /// <summary>What most convolutions compute in: decides which peak shares refer to.</summary>
    public Precision Precision { get; init; } = Precision.Single;

    /// <param name="name">For the table.</param>
    /// <param name="work">Timed from its beginning to its end; says how many images and passes it did.</param>
    public static Contestant Timed(string name, Func<(long Images, long Passes)> work) => new(name, () =>
    {
        var start = Stopwatch.GetTimestamp();
        var (images, passes) = work();
        return new Lap(Stopwatch.GetElapsedTime(start), images, passes);
    });

    /// <summary>The median time of one row.</summary>
    /// <param name="name">For the table.</param>
    /// <param name="rows">How many in a lap.</param>
    /// <param name="score">Scores a row, counted from 0.</param>
    public static Contestant PerRow(string name, int rows, Action<int> score) => new(name, () =>
    {
        var times = new TimeSpan[rows];
        for (var row = 0; row < rows; row++)
        {
            var start = Stopwatch.GetTimestamp();
            score(row);
            times[row] = Stopwatch.GetElapsedTime(start);
        }
        Array.Sort(times);
        return new Lap(times[rows / 2], Images: 1, Passes: 1);
    });
}
