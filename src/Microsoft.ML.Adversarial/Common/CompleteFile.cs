namespace Microsoft.ML.Adversarial;

/// <summary>Writes a file that appears under its name only when it is complete and on the disk.</summary>
internal static class CompleteFile
{
    /// <summary>What a file is called behind its name while it is being written; a process that is killed leaves it.</summary>
    public const string Writing = ".writing";

    /// <param name="path">One that exists is replaced at the end, and is untouched where <paramref name="write"/> or the disk fails.</param>
    /// <param name="write">Gets the new file, to write, read and seek.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + Writing;
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
