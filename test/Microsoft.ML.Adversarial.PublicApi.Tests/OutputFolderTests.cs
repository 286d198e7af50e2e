using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

public sealed class OutputFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("output-folder-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_full_disk_is_told_at_once()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        File.CreateSymbolicLink(Path.Combine(folder, $".try-{Environment.ProcessId}.writing"), "/dev/full");

        var refused = Assert.Throws<IOException>(() => new OutputFolder(folder));

        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
        Assert.Contains("No space left", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_made_leaves_the_old_one_and_no_trace()
    {
        var output = new OutputFolder(folder);
        output.Write("a.txt", path => File.WriteAllText(path, "old"));

        Assert.Throws<InvalidDataException>(() => output.Write("a.txt", path =>
        {
            File.WriteAllText(path, "ne");
            throw new InvalidDataException("half of it");
        }));

        Assert.Equal(["a.txt"], Directory.GetFiles(folder).Select(Path.GetFileName));
        Assert.Equal("old", File.ReadAllText(Path.Combine(folder, "a.txt")));
    }
}
