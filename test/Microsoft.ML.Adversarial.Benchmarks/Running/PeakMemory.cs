using System.Diagnostics;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The most memory that the process had resident: since the last restart on Linux, since its start elsewhere.</summary>
internal static class PeakMemory
{
    /// <summary>Writing 5 resets the high-water mark (proc(5), /proc/pid/clear_refs).</summary>
    private const string Reset = "/proc/self/clear_refs";

    public static long Bytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    public static void Restart()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText(Reset, "5");
    }
}
