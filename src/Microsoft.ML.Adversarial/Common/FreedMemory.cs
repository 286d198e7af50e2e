using System.Runtime.InteropServices;

namespace Microsoft.ML.Adversarial;

/// <summary>Memory of tensors that are gone.</summary>
internal static class FreedMemory
{
    /// <summary>
    /// Gives it back to the system. glibc keeps what is freed, up to twice the largest piece on top and all that lies between pieces in use (mallopt(3), M_TRIM_THRESHOLD): as much again as
    /// a large file has. Takes some milliseconds. Others than glibc give it back themselves.
    /// </summary>
    public static void GiveBack()
    {
        if (OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
            _ = Trim(0);
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nuint kept);
}
