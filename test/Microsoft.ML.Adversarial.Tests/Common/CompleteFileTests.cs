
namespace Microsoft.ML.Adversarial.Tests.Common;

public sealed class CompleteFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("files-").FullName;

    private string FilePath => Path.Combine(folder, "file");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_file_that_exists_is_replaced_once_the_new_one_is_complete()
    {
        File.WriteAllText(FilePath, "the longer old one");

        CompleteFile.Write(FilePath, stream =>
        {
            stream.Write("new"u8);
            Assert.Equal("the longer old one", File.ReadAllText(FilePath));
        });

        Assert.Equal("new", File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_file_that_cannot_be_completed_leaves_the_old_one_and_nothing_else()
    {
        File.WriteAllText(FilePath, "old");

        Assert.Throws<IOException>(() => CompleteFile.Write(FilePath, stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left.");
        }));

        Assert.Equal("old", File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(folder));
    }
}
