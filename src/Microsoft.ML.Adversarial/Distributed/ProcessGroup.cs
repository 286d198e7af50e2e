using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Processes that run the same program on the same data and share one training: each takes its part of every batch, and all have the same weights after every update.
/// <see cref="MpiGroup.World"/> are those that <c>mpirun</c> or <c>srun</c> started.
/// </summary>
public abstract class ProcessGroup
{
    internal ProcessGroup()
    {
    }

    /// <summary>Which of the processes this one is, from 0. The one of rank 0 writes what there is to be written.</summary>
    public abstract int Rank { get; }

    /// <summary>How many there are, at least 1.</summary>
    public abstract int Size { get; }

    /// <summary>This process for itself.</summary>
    internal static ProcessGroup Alone { get; } = new SingleProcess();

    internal bool IsAlone => Size == 1;

    internal bool IsFirst => Rank == 0;

    /// <summary>Waits until all ranks are here, for what one of them makes and the others need.</summary>
    public void Barrier() => Any(false);

    /// <summary>The first rank makes what the others then find: a folder of images that is unpacked, a file.</summary>
    /// <typeparam name="T">What it comes to.</typeparam>
    /// <param name="make">Makes it where it is not there yet; called in every rank, in the others when the first is done.</param>
    /// <returns>What <paramref name="make"/> gave in this rank.</returns>
    public T FirstThenOthers<T>(Func<T> make)
    {
        Require.NotNull(make, nameof(make));
        if (!IsFirst)
            Barrier();
        var made = make();
        if (IsFirst)
            Barrier();
        return made;
    }

    /// <summary>Each number becomes the sum of those of all ranks, the same in every rank, bit for bit. All ranks must ask for the same sums in the same order.</summary>
    internal abstract void Sum(double[] numbers);

    /// <inheritdoc cref="Sum(double[])"/>
    internal abstract void Sum(long[] numbers);

    /// <summary>The same in place, of float32 numbers that lie one after the other in this machine's memory.</summary>
    internal abstract void Sum(Tensor numbers);

    /// <summary>Ends every rank: for what went wrong in this one alone, while the others wait for it.</summary>
    /// <param name="message">What it was; the rank is added.</param>
    internal abstract void End(string message);

    /// <summary>Whether it holds in any rank; every rank learns the same.</summary>
    internal bool Any(bool here)
    {
        if (IsAlone)
            return here;
        long[] count = [here ? 1 : 0];
        Sum(count);
        return count[0] > 0;
    }

    /// <summary>Where any rank is to stop, all do.</summary>
    /// <exception cref="OperationCanceledException">One is.</exception>
    internal void ThrowIfAnyStopped(CancellationToken cancellation)
    {
        if (!Any(cancellation.IsCancellationRequested))
            return;
        cancellation.ThrowIfCancellationRequested();
        throw new OperationCanceledException("Another rank was stopped.");
    }

    /// <summary>What rank 0 has.</summary>
    internal long OfFirst(long here)
    {
        if (IsAlone)
            return here;
        long[] numbers = [IsFirst ? here : 0];
        Sum(numbers);
        return numbers[0];
    }

    /// <summary>The first rank whose number is not that of rank 0; null where all agree.</summary>
    internal int? Differing(long here)
    {
        var all = new long[Size];
        all[Rank] = here;
        Sum(all);
        var other = Array.FindIndex(all, number => number != all[0]);
        return other < 0 ? null : other;
    }

    /// <summary>What each rank has, by rank.</summary>
    internal byte[][] Gather(byte[] here)
    {
        var lengths = new long[Size];
        lengths[Rank] = here.Length;
        Sum(lengths);
        // Each begins at a whole number, and nobody else has anything in its place.
        var begins = lengths.Select((_, rank) => (int)lengths.Take(rank).Sum(Words)).ToArray();
        var all = new long[lengths.Sum(Words)];
        here.CopyTo(MemoryMarshal.AsBytes(all.AsSpan(begins[Rank])));
        Sum(all);
        return [.. begins.Zip(lengths, (begin, length) => MemoryMarshal.AsBytes(all.AsSpan(begin))[..(int)length].ToArray())];

        static long Words(long bytes) => (bytes + sizeof(long) - 1) / sizeof(long);
    }

    /// <summary>This rank's part of so many things in a row: the first ranks have one more where they do not divide evenly, and later ones none where there are fewer than ranks.</summary>
    internal Range PartOf(int count)
    {
        var (each, more) = Math.DivRem(count, Size);
        var begin = (Rank * each) + Math.Min(Rank, more);
        return begin..(begin + each + (Rank < more ? 1 : 0));
    }
}
