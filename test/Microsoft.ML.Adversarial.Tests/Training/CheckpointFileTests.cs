using System.IO.Compression;
using System.Text;
using Microsoft.ML.Adversarial.Tests.Common;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Files that are not what they should be.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private static readonly Identity Tiny = TinyProblem.Options.Identity;

    private readonly string folder = Directory.CreateTempSubdirectory("checkpoint-files-").FullName;

    [Theory]
    [InlineData("\"History\": []", "\"History\": null")]
    [InlineData("\"History\": []", "\"History\": [null]")]
    [InlineData("\"FormatVersion\": 2", "\"FormatVersion\": 1")]
    [InlineData("\"batch size\": \"4\"", "\"batch size\": null")]
    [InlineData("\"BatchesPerEpoch\": 3", "\"BatchesPerEpoch\": 0")]
    [InlineData("\"Updates\": 0", "\"Updates\": -1")]
    [InlineData("\"AveragedEpochs\": 0", "\"AveragedEpochs\": -1")]
    [InlineData("\"TrainedDomains\": [", "\"Domains\": [")]
    public void A_manifest_that_says_nonsense_is_refused(string written, string read)
    {
        using var network = TinyProblem.Network();
        using var state = State(network);
        var path = Path.Combine(folder, "strange.zip");
        using (var file = File.Create(path))
            Checkpoint.Write(file, Tiny, state);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            var entry = zip.GetEntry("manifest.json")!;
            using var reader = new StreamReader(entry.Open());
            var text = reader.ReadToEnd();
            Assert.Contains(written, text, StringComparison.Ordinal);
            reader.BaseStream.SetLength(0);
            reader.BaseStream.Write(Encoding.UTF8.GetBytes(text.Replace(written, read, StringComparison.Ordinal)));
        }
        Seals.Renew(path);

        var exception = Assert.Throws<InvalidDataException>(() => Checkpoint.Read(path, Tiny, state));

        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>10,000 files, each a checkpoint with some bytes changed, cut off, doubled or moved, by someone who can compute a hash.</summary>
    [Fact]
    public void Damaged_checkpoints_are_read_or_refused_and_nothing_else_happens()
    {
        using var network = ImageNetwork.Create(TinyProblem.Architecture with { Backbone = new ResNet(8) { Width = 1 } }, CPU, new Seed(1));
        using var state = State(network);
        using var intact = new MemoryStream();
        Checkpoint.Write(intact, Tiny, state);
        var path = Path.Combine(folder, "damaged.zip");
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            File.WriteAllBytes(path, Damage(intact.ToArray(), random));
            Seals.Renew(path);
            try
            {
                Checkpoint.Read(path, Tiny, state);
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains(path, exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 9990);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static TrainingState State(ImageNetwork network) =>
        new(network, TinyProblem.Options, new Seed(1), 3, validation: null) { Position = new TrainingPosition(1, 2, 3, default, TimeSpan.Zero) };

    private static byte[] Damage(byte[] file, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return file[..random.Next(file.Length)];
            case 1:
                var from = random.Next(file.Length);
                return [.. file[..from], .. file[random.Next(file.Length)..]];
            case 2:
                // Where the names and headers are, at the beginning and at the end.
                var where = random.Next(2) == 0 ? random.Next(1500) : file.Length - 1 - random.Next(400);
                file[where] = (byte)random.Next(256);
                return file;
            default:
                for (var i = random.Next(1, 20); i > 0; i--)
                    file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
                return file;
        }
    }
}
