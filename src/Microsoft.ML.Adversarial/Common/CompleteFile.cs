namespace Microsoft.ML.Adversarial;

/// <summary>Writes a file that appears under its name only when it is complete.</summary>
internal static class CompleteFile
{
    /// <param name="path">One that exists is replaced at the end, and is untouched where <paramref name="write"/> or the disk fails.</param>
    /// <param name="write">Gets the new file.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + ".writing";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
