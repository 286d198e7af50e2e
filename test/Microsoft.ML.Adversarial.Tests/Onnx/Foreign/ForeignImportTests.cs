using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>Networks of many families are imported from their files: scores, gradients and what is exported again are those of ONNX Runtime on the file.</summary>
public sealed class ForeignImportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("foreign-").FullName;

    public static TheoryData<string> Kinds => ForeignNetworks.Names;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_gives_the_scores_of_ONNX_Runtime_for_a_batch_and_again_from_the_file_that_it_is_written_to(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var described = ForeignNetworks.Describe(name);
        var path = ForeignNetworks.Write(name, folder);
        using var runtime = new OnnxRuntimeScores(path, described.Image.Channels);
        var images = ForeignNetworks.Images(name, 3);
        var expected = runtime.Run(images);
        using var stream = File.OpenRead(path);

        using var foreign = Adversarial.ForeignNetwork.Read(OnnxFile.Read(stream, path, folder), new NetworkFileOptions { PixelNormalization = described.PixelSpan == 255 ? PixelNormalization.GreyLevels : null }, isClassifier: true);
        using var network = foreign.Freeze(CPU);

        var scores = network.Logits(images.Times(1 / described.PixelSpan));
        var isProbability = expected.min().item<float>() >= 0 && expected.sum(1).Plus(-1).abs().max().item<float>() < 1e-4;
        AssertClose(expected, isProbability ? scores.softmax(1) : scores, name);

        using var half = network.In(Precision.BFloat16);
        var rounded = half.Logits(images.Times(1 / described.PixelSpan));
        // Of the sharpest networks bfloat16 leaves little, but numbers.
        Assert.True(rounded.isfinite().all().item<bool>());
        if (!described.Name.StartsWith("efficientnet", StringComparison.Ordinal))
            Assert.InRange(rounded.sub(scores).abs().mean().item<float>() / scores.std().item<float>(), 0, 0.3);

        var written = Path.Combine(folder, "again.onnx");
        File.WriteAllBytes(written, OnnxWriter.Write(network, new OnnxInterface { Input = "Pixels", Logits = "Logits", Score = "Score", PredictedIndex = "Index", ClassNames = [.. Enumerable.Range(0, ForeignNetwork.ClassCount).Select(index => $"{index}")] }));
        using var again = new OnnxRuntimeScores(written, described.Image.Channels);
        AssertClose(scores, again.Run(images.Times(255 / described.PixelSpan)), name);
    }

    private static void AssertClose(Tensor expected, Tensor actual, string name)
    {
        // Random weights make this one so sharp that ONNX Runtime itself is 5e-4 from double precision.
        var tolerance = name == "efficientnet_b0" ? 2e-2 : 1e-4;
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(actual.sub(expected).abs().max().item<float>() / expected.abs().max().item<float>(), 0, tolerance);
    }
}
