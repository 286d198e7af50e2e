using System.Runtime.InteropServices;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Memory of tensors that are gone. By itself glibc gives the top of its heap back and keeps the rest: much work pays for new pages again and again, and a large file leaves as much again as it
/// has. Here both can be asked for. Who has set glibc's own variables is not overruled; others than glibc go on as they do.
/// </summary>
internal static class FreedMemory
{
    /// <summary>Of mallopt(3): what of the heap's top is kept, what it grows by beyond need, and from which size pieces are the system's own; in bytes.</summary>
    private const int TrimThreshold = -1, TopPad = -2, MapThreshold = -3;

    private const int Small = 256 << 10;

    /// <summary>What glibc comes to by itself where pieces of this size have been freed (DEFAULT_MMAP_THRESHOLD_MAX), and the most that some of its versions take.</summary>
    private const int Large = 32 << 20;

    /// <summary>A whole heap of a thread other than the first (HEAP_MAX_SIZE): with less to grow by it would be given back once it is empty.</summary>
    private const int ThreadHeap = 64 << 20;

    /// <summary>DEFAULT_TOP_PAD.</summary>
    private const int UsualPad = 128 << 10;

    private static readonly nint Library = OperatingSystem.IsLinux() && !IsChosen && NativeLibrary.TryLoad("libc.so.6", out var library) ? library : 0;

    private static readonly TrimFunction? Trim = Find<TrimFunction>("malloc_trim");

    private static readonly OptionFunction? SetOption = Find<OptionFunction>("mallopt");

    private static readonly Lock Gate = new();

    private static int keeping, returning;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TrimFunction(nuint kept);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int OptionFunction(int option, int value);

    private static bool IsChosen =>
        new[] { "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES" }.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>
    /// Until the result is disposed, what is freed waits for the next tensor, so that work that does the same again and again asks the system for pages once. Then all that is free goes back.
    /// Holds for all threads.
    /// </summary>
    public static IDisposable Kept()
    {
        lock (Gate)
        {
            keeping++;
            Set();
        }
        return new Ending(() => --keeping == 0);
    }

    /// <summary>
    /// Until the result is disposed, pieces of more than 256 kB that the heap has no room for come from the system and go back to it when they are freed: for what is done once. What is free
    /// before and afterwards goes back, within <see cref="Kept"/> too. Holds for all threads.
    /// </summary>
    public static IDisposable ReturnedAtOnce()
    {
        lock (Gate)
        {
            returning++;
            Set();
        }
        // What is free already, which takes some milliseconds.
        _ = Trim?.Invoke(0);
        return new Ending(() =>
        {
            returning--;
            return true;
        });
    }

    private static void Set()
    {
        if (SetOption is null)
            return;
        var (trim, pad, map) = returning > 0 ? (Small, UsualPad, Small) : keeping > 0 ? (-1, ThreadHeap, int.MaxValue) : (2 * Large, UsualPad, Large);
        _ = SetOption(TrimThreshold, trim);
        _ = SetOption(TopPad, pad);
        if (SetOption(MapThreshold, map) == 0)
            _ = SetOption(MapThreshold, Large);
    }

    private static T? Find<T>(string function)
        where T : Delegate =>
        Library != 0 && NativeLibrary.TryGetExport(Library, function, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

    /// <param name="trims">Counts, and says whether all that is free is to go back.</param>
    private sealed class Ending(Func<bool> trims) : IDisposable
    {
        private int isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isDisposed, 1) == 1)
                return;
            bool isTrimmed;
            lock (Gate)
            {
                isTrimmed = trims();
                Set();
            }
            if (isTrimmed)
                _ = Trim?.Invoke(0);
        }
    }
}
