namespace Tooling.CommandLine;

/// <summary>The folder for the results. A file appears under its name only when it is complete.</summary>
public sealed class OutputFolder
{
    private readonly List<string> written = [];

    /// <summary>Makes the folder and tries it out, so that a mistake shows before the training and not after it.</summary>
    public OutputFolder(string folder)
    {
        Path = System.IO.Path.GetFullPath(folder);
        if (File.Exists(Path))
            throw new IOException($"'{Path}' is a file; expected a folder for the results.");
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{Path}' cannot be made; expected a place that may be written to. {exception.Message}", exception);
        }
        // A name of its own: several processes may begin in one folder.
        var trial = $".try-{Environment.ProcessId}";
        Write(trial, path => File.WriteAllText(path, "try"));
        File.Delete(System.IO.Path.Combine(Path, trial));
        written.Clear();
    }

    public string Path { get; }

    public IReadOnlyList<string> Written => written;

    public void Write(string name, Action<string> write)
    {
        var path = System.IO.Path.Combine(Path, name);
        var temporary = path + ".writing";
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be written; expected a folder that may be written to, with room on its disk. {exception.Message}", exception);
        }
        finally
        {
            File.Delete(temporary);
        }
        written.Add(path);
    }
}
