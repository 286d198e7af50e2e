using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Distributed;

/// <summary>Ranks that are threads of this process: sums wait for all, and what one ends with ends all.</summary>
internal sealed class ThreadGroup : ProcessGroup
{
    private readonly Meeting meeting;

    private ThreadGroup(Meeting meeting, int rank) => (this.meeting, Rank) = (meeting, rank);

    public override int Rank { get; }

    public override int Size => meeting.Size;

    /// <summary>What ended all, with the rank; null where nothing did.</summary>
    public string? Ended => meeting.Ended;

    /// <summary>Runs every rank to its end.</summary>
    /// <returns>What each gave.</returns>
    public static T[] Run<T>(int size, Func<ThreadGroup, T> work)
    {
        var meeting = new Meeting(size);
        var results = new T[size];
        var failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadGroup(meeting, rank));
            }
            catch (Exception exception)
            {
                failures[rank] = exception;
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return failures.OfType<Exception>().ToList() is { Count: > 0 } failed ? throw new AggregateException(meeting.Ended, failed) : results;
    }

    internal override void Sum(double[] numbers) => meeting.Add(Rank, numbers);

    internal override void Sum(long[] numbers) => meeting.Add(Rank, numbers);

    internal override void Sum(Tensor numbers)
    {
        var here = numbers.data<float>().ToArray();
        meeting.Add(Rank, here);
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(here).CopyTo(numbers.bytes);
    }

    internal override void End(string message) => meeting.End($"Rank {Rank} of {Size} ends the job: {message}");

    /// <summary>Where ranks meet: all lay down what they have, all take the sum, in the order of the ranks.</summary>
    private sealed class Meeting(int size)
    {
        private readonly Barrier barrier = new(size);
        private readonly Array[] there = new Array[size];
        private readonly CancellationTokenSource over = new();

        public int Size => size;

        public string? Ended { get; private set; }

        public void Add<T>(int rank, T[] numbers)
            where T : struct, System.Numerics.INumber<T>
        {
            there[rank] = (T[])numbers.Clone();
            barrier.SignalAndWait(over.Token);
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = there.Aggregate(T.Zero, (sum, other) => sum + ((T[])other)[i]);
            barrier.SignalAndWait(over.Token);
        }

        public void End(string message)
        {
            Ended ??= message;
            over.Cancel();
        }
    }
}
