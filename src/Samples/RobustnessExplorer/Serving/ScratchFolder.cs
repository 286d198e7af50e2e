namespace Samples.RobustnessExplorer.Serving;

/// <summary>
/// A folder for files that end with this process: it goes with it, and where a process was killed, the next one that starts takes its folder away. Whose process still lives holds its file
/// <c>in-use</c> open.
/// </summary>
public sealed class ScratchFolder : IDisposable
{
    private const string InUse = "in-use";

    private readonly FileStream held;

    /// <param name="parent">Where such folders are.</param>
    public ScratchFolder(string parent)
    {
        parent = System.IO.Path.Combine(System.IO.Path.GetFullPath(parent), "scratch");
        Directory.CreateDirectory(parent);
        foreach (var left in Directory.GetDirectories(parent))
            RemoveIfAbandoned(left);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"{Guid.NewGuid():n}")).FullName;
        held = new FileStream(System.IO.Path.Combine(Path, InUse), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    public void Dispose()
    {
        held.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private static void RemoveIfAbandoned(string folder)
    {
        try
        {
            using (new FileStream(System.IO.Path.Combine(folder, InUse), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            {
            }
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Its process lives.
        }
    }
}
