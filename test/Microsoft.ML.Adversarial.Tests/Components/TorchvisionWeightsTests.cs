using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Adversarial.Tests.Networks;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Weights of torchvision's ResNet-50 compute here what they compute there, and come out as they went in.</summary>
public sealed class TorchvisionWeightsTests : IDisposable
{
    /// <summary>Other kernels round differently; as a share of the largest logit.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Names a folder in which the written weights stay, for Golden/check_in_torchvision.py.</summary>
    private const string Keep = "KEEP_WEIGHTS_IN";

    private readonly string folder = Directory.CreateTempSubdirectory("torchvision-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Names_shapes_and_order_are_torchvisions()
    {
        using var network = new ImageNetwork(GoldenResNet50.Architecture, META);

        // TorchSharp lists all parameters before all buffers, torchvision layer by layer: the order is compared within each.
        var expected = GoldenResNet50.Tensors.Select(entry => Line(entry.Name, entry.Shape)).ToLookup(IsBuffer);
        Assert.Equal(expected[false], network.named_parameters().Select(entry => Line(entry.name, entry.parameter.shape)));
        Assert.Equal(expected[true], network.named_buffers().Select(entry => Line(entry.name, entry.buffer.shape)));
    }

    [Fact]
    public void Logits_are_torchvisions()
    {
        using var network = Read(formulaName: null);

        Assert.InRange(Difference(network), 0, Tolerance);
    }

    /// <summary>Two layers of one shape that stand for each other, a mean for a shift: what a wrong name would do.</summary>
    [Theory]
    [InlineData("layer3.2.conv2.weight", "layer3.3.conv2.weight")]
    [InlineData("layer4.2.bn3.running_mean", "layer4.2.bn3.bias")]
    public void Logits_tell_when_two_tensors_are_exchanged(string first, string second)
    {
        using var network = Read(name => name == first ? second : name == second ? first : name);

        Assert.True(Difference(network) > 10 * Tolerance, "The golden numbers do not see it.");
    }

    [Fact]
    public void Weights_that_torchvision_made_are_saved_as_they_were_loaded()
    {
        var kept = Environment.GetEnvironmentVariable(Keep) ?? folder;
        var (loaded, saved) = (Path.Combine(folder, "loaded.safetensors"), Path.Combine(kept, "saved.safetensors"));
        GoldenResNet50.WriteWeights(loaded);
        using var scope = NewDisposeScope();
        using var model = FitWithoutAnUpdate(loaded);

        model.SaveWeights(saved);

        var logits = model.Network.Logits(GoldenResNet50.ImageBatch()).data<float>().ToArray();
        File.WriteAllText(Path.Combine(kept, "logits.json"), JsonSerializer.Serialize(logits.Chunk(GoldenResNet50.Architecture.ClassCount)));
        Assert.Equal(Tensors(loaded), Tensors(saved));
    }

    private static bool IsBuffer(string line) => line.Contains(".running_", StringComparison.Ordinal) || line.Contains(".num_batches_tracked", StringComparison.Ordinal);

    private static string Line(string name, long[] shape) => $"{name} [{string.Join(", ", shape)}]";

    private ImageNetwork Read(Func<string, string>? formulaName)
    {
        var path = Path.Combine(folder, "weights.safetensors");
        GoldenResNet50.WriteWeights(path, formulaName);
        var network = new ImageNetwork(GoldenResNet50.Architecture, CPU);
        InitialWeightsFile.Read(path, network);
        return network;
    }

    /// <summary>The larger one of the network as updates see it and as scoring does.</summary>
    private static double Difference(ImageNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = network.Freeze(ImageDomain.Clean);
        var images = GoldenResNet50.ImageBatch();
        var expected = GoldenResNet50.Logits;
        return new[] { network.call(images, new Phase(ImageDomain.Clean, NormalizationStatistics.Running)), frozen.Logits(images) }
            .Max(logits => DomainModels.Difference(expected, logits.data<float>().ToArray())) / expected.Max(Math.Abs);
    }

    private static ImageClassificationTransformer FitWithoutAnUpdate(string weights)
    {
        var ml = new MLContext(seed: 1);
        var pixels = new float[GoldenResNet50.Architecture.Image.Length];
        pixels[0] = 255;
        var rows = Enumerable.Range(0, GoldenResNet50.Architecture.ClassCount).Select(number => new Row { Label = $"{number}", Features = pixels });
        var view = ml.Data.LoadFromEnumerable(rows.ToList());
        return ml.Adversarial().Trainers
            .ImageClassification(new ImageClassificationOptions
            {
                Backbone = GoldenResNet50.Architecture.Backbone,
                ImageShape = GoldenResNet50.Architecture.Image,
                InitialWeights = weights,
                MaximumTrainingTime = TimeSpan.FromTicks(1),
                WhenStopped = StoppedTraining.ReturnModel,
            })
            .Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view));
    }

    /// <summary>Name, type, shape and the numbers' hash of every tensor.</summary>
    private static SortedDictionary<string, string> Tensors(string path)
    {
        using var scope = NewDisposeScope();
        using var stream = File.OpenRead(path);
        var tensors = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var header = SafeTensorsHeader.Read(stream, stream.Length, path);
        SafeTensors.Read(stream, header, path, (entry, numbers) =>
            tensors.Add(entry.ToString(), Convert.ToHexString(SHA256.HashData(numbers.bytes))));
        return tensors;
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(3 * 90 * 75)]
        public float[] Features { get; set; } = [];
    }
}
