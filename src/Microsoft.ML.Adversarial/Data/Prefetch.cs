using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Adversarial;

/// <summary>Reads ahead on a thread of its own.</summary>
internal static class Prefetch
{
    /// <param name="source">Enumerated once for each enumeration of the result, always by one thread.</param>
    /// <param name="ahead">How many items may wait.</param>
    /// <returns>The same items in the same order; an exception of the source surfaces where it would have.</returns>
    public static IEnumerable<T> Ahead<T>(this IEnumerable<T> source, int ahead)
    {
        using var stop = new CancellationTokenSource();
        using var waiting = new BlockingCollection<T>(ahead);
        var reading = Task.Factory.StartNew(Fill, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var item in waiting.GetConsumingEnumerable())
                yield return item;
            Wait(reading);
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        }

        void Fill()
        {
            try
            {
                foreach (var item in source)
                    waiting.Add(item, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The consumer left early; nothing is waiting for the rest.
            }
            finally
            {
                waiting.CompleteAdding();
            }
        }
    }

    private static void Wait(Task reading)
    {
        try
        {
            reading.Wait();
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException ?? exception);
        }
    }
}
