using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>A folder of checkpoints. One appears under its name only when it is complete and on the disk, so the newest is always readable.</summary>
internal sealed class CheckpointStore(CheckpointOptions options)
{
    private const string Prefix = "checkpoint-", Extension = ".zip";

    /// <exception cref="IOException">The folder or file cannot be written; the checkpoints before are still there.</exception>
    public void Save(IReadOnlyDictionary<string, string> setup, TrainingState state)
    {
        var path = Path.Combine(options.Folder, FileName(state.Position.Epoch, state.Position.Batch));
        try
        {
            Directory.CreateDirectory(options.Folder);
            CompleteFile.Write(path, stream => Checkpoint.Write(stream, setup, state));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The checkpoint '{path}' cannot be written; those before it are intact, and the run can go on from the newest. {exception.Message}", exception);
        }
        Tidy(state.BestEpoch);
    }

    /// <summary>The newest checkpoint of a folder, or the file itself.</summary>
    /// <returns>Null where there is a folder without one, or nothing at all.</returns>
    /// <exception cref="FileNotFoundException">A checkpoint is named and does not exist.</exception>
    public static string? Find(string fileOrFolder)
    {
        if (File.Exists(fileOrFolder))
            return fileOrFolder;
        if (Directory.Exists(fileOrFolder))
            return InOrder(fileOrFolder).LastOrDefault();
        return Path.GetExtension(fileOrFolder) == Extension
            ? throw new FileNotFoundException($"ResumeFrom names the checkpoint '{fileOrFolder}', which does not exist.", fileOrFolder)
            : null;
    }

    /// <summary>Names sort as the run goes.</summary>
    private static string FileName(int epoch, int batch) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{epoch:d6}-{batch:d8}{Extension}");

    private static IEnumerable<string> InOrder(string folder) =>
        Directory.EnumerateFiles(folder, Prefix + "*" + Extension).Where(path => path.EndsWith(Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <summary>Old checkpoints but that of the best epoch, and what a killed run was writing.</summary>
    private void Tidy(int? bestEpoch)
    {
        var best = bestEpoch is { } epoch ? FileName(epoch, 0) : null;
        var complete = InOrder(options.Folder).ToList();
        var old = complete.Take(complete.Count - options.Keep).Where(path => Path.GetFileName(path) != best);
        foreach (var path in old.Concat(Directory.EnumerateFiles(options.Folder, Prefix + "*" + CompleteFile.Writing)))
            Delete(path);
    }

    /// <summary>What cannot be deleted only takes room.</summary>
    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
