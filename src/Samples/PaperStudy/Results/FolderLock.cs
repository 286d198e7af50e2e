namespace Samples.PaperStudy.Results;

/// <summary>Several processes may work on one study; they write to its folder one after the other. The system frees the lock of a process that ends.</summary>
public static class FolderLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromMinutes(2);

    /// <returns>Frees the lock when disposed.</returns>
    /// <exception cref="IOException">Another process holds the lock and does not end.</exception>
    public static IDisposable Take(string folder, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, ".lock");
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < Patience)
            {
                cancellation.WaitHandle.WaitOne(Pause);
            }
        }
    }
}
