using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Training steps of all ranks that mpirun started, or of this process where nothing did.</summary>
internal static class RankBenchmark
{
    private const int WarmUp = 2, Sums = 20;

    /// <param name="depth">Of the network.</param>
    /// <param name="width">Of its first stage.</param>
    /// <param name="batch">Images of all ranks together.</param>
    /// <param name="updates">That are timed.</param>
    /// <param name="synchronizes">Whether batch normalisation is that of all ranks.</param>
    public static void Run(int depth, int width, int batch, int updates, bool synchronizes)
    {
        var group = MpiGroup.World;
        var architecture = new NetworkArchitecture { Backbone = new ResNet(depth) { Width = width }, Image = new ImageShape(3, 32, 32), ClassCount = 10 };
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        var options = LibraryTraining.Options() with { Distributed = group, SynchronizesStatistics = synchronizes };
        using var training = new LibraryTraining(network, options);
        var rows = Enumerable.Range(0, batch).ToArray()[group.PartOf(batch)];
        using var generator = new Generator((ulong)group.Rank, CPU);
        using var images = rand([rows.Length, 3, 32, 32], generator: generator);
        using var labels = tensor(rows.Select(row => row % 10L).ToArray());
        for (var i = 0; i < WarmUp; i++)
            training.Step(images, labels);

        var (before, bytes) = (group.TimeInSums, group.BytesSummed);
        group.Barrier();
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < updates; i++)
            training.Step(images, labels);
        group.Barrier();
        var elapsed = Stopwatch.GetElapsedTime(begin);

        var (spent, sent) = ((group.TimeInSums - before) / elapsed, (group.BytesSummed - bytes) / updates);
        var alone = TimeOfSums(group, sent);
        if (group.Rank == 0)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{architecture}, {group}, {get_num_threads()} threads each, batch {batch}: {batch * updates / elapsed.TotalSeconds:f1} images/s, {elapsed.TotalMilliseconds / updates:f0} ms an update, {spent:p2} of it in MPI with waiting for the slower rank; {sent / 1e6:f2} MB an update, which take {alone.TotalMilliseconds:f2} ms where nobody waits, {alone * updates / elapsed:p2}"));
        }
    }

    /// <summary>Of as many numbers as an update sends, by ranks that do nothing else.</summary>
    private static TimeSpan TimeOfSums(MpiGroup group, long bytes)
    {
        using var numbers = zeros([Math.Max(1, bytes / sizeof(float))]);
        group.Barrier();
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < Sums; i++)
            group.Sum(numbers);
        return Stopwatch.GetElapsedTime(begin) / Sums;
    }
}
