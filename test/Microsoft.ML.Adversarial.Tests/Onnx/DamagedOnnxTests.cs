using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>Valid files with some bytes changed, cut out or cut off.</summary>
public class DamagedOnnxTests
{
    [Theory]
    [InlineData(TinyNetworks.Plain)]
    [InlineData(TinyNetworks.Group)]
    [InlineData("three stages, scaling by channel")]
    public void Damaged_files_are_read_or_refused_and_nothing_else_happens(string kind)
    {
        var intact = WrittenNetworks.Write(kind);
        // Most bytes are weights: the graph in front of them is where a change means something.
        var model = ModelProto.Parser.ParseFrom(intact);
        var graphLength = intact.Length - model.Graph.Initializer.Sum(constant => constant.RawData.Length);
        var random = new Random(1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var (read, refused) = (0, 0);
        for (var i = 0; i < 1500; i++)
        {
            var damaged = Damage([.. intact], graphLength, random);
            try
            {
                var (network, _) = WrittenNetworks.Read(damaged);
                using var owned = network;
                if (i % 10 == 0 && network.Image.Length < 100_000)
                    Run(network);
                read++;
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains(WrittenNetworks.File, exception.Message, StringComparison.Ordinal);
                refused++;
            }
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.True(read > 20 && refused > 500, $"{read} read, {refused} refused: the test sees little");
    }

    /// <summary>What was read can be attacked: forth and back through every layer.</summary>
    private static void Run(FrozenNetwork network)
    {
        using var scope = NewDisposeScope();
        var images = TinyNetworks.Images(network.Image, 1).requires_grad_();
        var logits = network.Logits(images);
        Assert.Equal([1, network.ClassCount], logits.shape);
        Assert.Equal(images.shape, autograd.grad([logits.sum()], [images])[0].shape);
    }

    private static byte[] Damage(byte[] file, int graphLength, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                return file[..random.Next(file.Length)];
            case 1:
                var from = random.Next(file.Length);
                return [.. file[..from], .. file[random.Next(file.Length)..]];
            case 2:
                for (var i = random.Next(1, 20); i > 0; i--)
                    file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
                return file;
            case 3:
                file[^random.Next(1, Math.Min(400, file.Length))] = (byte)random.Next(256);
                return file;
            default:
                file[random.Next(Math.Min(graphLength, file.Length))] = (byte)random.Next(256);
                return file;
        }
    }
}
