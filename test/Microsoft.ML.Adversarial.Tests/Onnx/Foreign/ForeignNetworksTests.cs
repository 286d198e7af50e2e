using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>The foreign networks are networks: there are many, ONNX Runtime loads them, and their scores tell images apart.</summary>
public sealed class ForeignNetworksTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("foreign-").FullName;

    public static TheoryData<string> Kinds => ForeignNetworks.Names;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_runs_in_ONNX_Runtime_and_its_scores_tell_two_images_apart(string name)
    {
        using var scope = NewDisposeScope();
        using var runtime = new OnnxRuntimeScores(ForeignNetworks.Write(name, folder), ForeignNetworks.Describe(name).Image.Channels);

        var scores = runtime.Run(ForeignNetworks.Images(name, 2));

        Assert.Equal([2, ForeignNetwork.ClassCount], scores.shape);
        Assert.True(scores.isfinite().all().item<bool>());
        // Far from where float32 loses them: an importer's deviation is compared with these numbers.
        Assert.InRange(scores.std().item<float>(), 0.01f, 1000);
        Assert.True((scores[0] - scores[1]).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void They_differ_in_opset_layout_and_batch()
    {
        var networks = ForeignNetworks.All.Select(ForeignNetworks.Describe).ToList();

        Assert.True(networks.Count >= 50, $"there are {networks.Count}");
        Assert.Equal([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17], networks.Select(network => network.Opset).Distinct().Order());
        Assert.Contains(networks, network => network.IsInterleaved && network.IsSingleImage);
        Assert.Contains(networks, network => network.IsInterleaved && !network.IsSingleImage);
        Assert.True(networks.Count(network => network.IsSingleImage) >= 8);
        Assert.Contains(networks, network => network.Image.Channels == 1);
    }

    [Fact]
    public void The_same_name_gives_the_same_file()
    {
        var first = File.ReadAllBytes(ForeignNetworks.Write("letters", folder));
        var second = File.ReadAllBytes(ForeignNetworks.Write("letters", folder));

        Assert.Equal(first, second);
    }
}
