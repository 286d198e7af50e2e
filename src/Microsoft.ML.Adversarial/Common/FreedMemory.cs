using System.Runtime.InteropServices;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Memory of tensors that are gone. glibc keeps what is freed, up to twice the largest piece on top and all that lies between pieces in use: as much again as a large file has. Others than
/// glibc give it back themselves.
/// </summary>
internal static class FreedMemory
{
    /// <summary>Of mallopt(3): what of the heap's top is kept, and from which size pieces are the system's own, in bytes.</summary>
    private const int TrimThreshold = -1, MapThreshold = -3;

    private const int Small = 256 << 10;

    /// <summary>What glibc comes to by itself where pieces of this size have been freed (DEFAULT_MMAP_THRESHOLD_MAX), and twice that.</summary>
    private const int Largest = 32 << 20;

    private static readonly nint Library = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) ? library : 0;

    private static readonly TrimFunction? Trim = Find<TrimFunction>("malloc_trim");

    private static readonly OptionFunction? SetOption = Find<OptionFunction>("mallopt");

    private static readonly Lock Gate = new();

    private static int returning;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TrimFunction(nuint kept);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int OptionFunction(int option, int value);

    /// <summary>
    /// Until the result is disposed, pieces of more than 256 kB come from the system and go back to it when they are freed. New pages cost more than those that glibc has kept, so this is
    /// for what is done once. Afterwards glibc keeps what it does once it has met pieces of 32 MB.
    /// </summary>
    public static IDisposable AtOnce()
    {
        // What is free already, which takes some milliseconds.
        _ = Trim?.Invoke(0);
        lock (Gate)
            if (returning++ == 0)
                Set(Small, Small);
        return new Returning();
    }

    private static void Set(int trim, int map)
    {
        _ = SetOption?.Invoke(TrimThreshold, trim);
        _ = SetOption?.Invoke(MapThreshold, map);
    }

    private static T? Find<T>(string function)
        where T : Delegate =>
        Library != 0 && NativeLibrary.TryGetExport(Library, function, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

    private sealed class Returning : IDisposable
    {
        private int isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isDisposed, 1) == 1)
                return;
            lock (Gate)
                if (--returning == 0)
                    Set(2 * Largest, Largest);
        }
    }
}
