namespace Samples.TrainRobustClassifier;

/// <summary>The folder for the results. A file appears under its name only when it is complete.</summary>
public sealed class OutputFolder
{
    private readonly string folder;
    private readonly List<string> written = [];

    /// <summary>Makes the folder and tries it out, so that a mistake shows before the training and not after it.</summary>
    public OutputFolder(string folder)
    {
        this.folder = Path.GetFullPath(folder);
        if (File.Exists(this.folder))
            throw new IOException($"'{this.folder}' is a file; expected a folder for the results.");
        Directory.CreateDirectory(this.folder);
        Write(".try", path => File.WriteAllText(path, "try"));
        File.Delete(Path.Combine(this.folder, ".try"));
        written.Clear();
    }

    public IReadOnlyList<string> Written => written;

    public void Write(string name, Action<string> write)
    {
        var path = Path.Combine(folder, name);
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
