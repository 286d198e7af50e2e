using System.Runtime.InteropServices;

namespace Microsoft.ML.Adversarial;

/// <summary>Memory of tensors that are gone.</summary>
internal static class FreedMemory
{
    private static readonly TrimFunction? Trim = Find();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TrimFunction(nuint kept);

    /// <summary>
    /// Gives it back to the system. glibc keeps what is freed, up to twice the largest piece on top and all that lies between pieces in use (mallopt(3), M_TRIM_THRESHOLD): as much again as
    /// a large file has. Takes some milliseconds. Others than glibc give it back themselves.
    /// </summary>
    public static void GiveBack() => _ = Trim?.Invoke(0);

    private static TrimFunction? Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out var function)
            ? Marshal.GetDelegateForFunctionPointer<TrimFunction>(function)
            : null;
}
