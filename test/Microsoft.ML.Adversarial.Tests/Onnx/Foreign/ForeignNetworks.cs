using System.IO.Compression;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>
/// Networks that PyTorch's exporter wrote (test/Reference/foreign_networks.py): kept as skeletons without large weights, which are drawn from a seed here.
/// </summary>
internal static class ForeignNetworks
{
    private const string Ending = ".onnx.gz";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Onnx", "Foreign", "Networks");

    /// <summary>All of them, in order.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.EnumerateFiles(Folder, "*" + Ending).Select(path => Path.GetFileName(path)[..^Ending.Length]).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. All];

    /// <summary>The file without its large weights.</summary>
    public static ModelProto Skeleton(string name)
    {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(Folder, name + Ending)), CompressionMode.Decompress);
        return ModelProto.Parser.ParseFrom(stream);
    }

    public static ForeignNetwork Describe(string name) => ForeignNetwork.Of(name, Skeleton(name));

    /// <summary>The whole model, the same one every time.</summary>
    public static ModelProto Model(string name)
    {
        var model = Skeleton(name);
        InitializerFiller.Fill(model, new Seed(1).For(name));
        return model;
    }

    /// <summary>Writes a file that ONNX Runtime loads and returns its path.</summary>
    public static string Write(string name, string directory)
    {
        var path = Path.Combine(directory, name + ".onnx");
        using var file = File.Create(path);
        Model(name).WriteTo(file);
        return path;
    }

    /// <summary>Patches of colour under noise; images of noise alone all look the same to a network that ends in a mean.</summary>
    /// <returns>float32 [count, channels, height, width] in [0, <see cref="ForeignNetwork.PixelSpan"/>].</returns>
    public static Tensor Images(string name, int count)
    {
        using var scope = NewDisposeScope();
        var network = Describe(name);
        var image = network.Image;
        using var generator = new Seed(2).For(name).TorchGenerator();
        var patches = nn.functional.interpolate(rand(count, image.Channels, 4, 4, generator: generator), [image.Height, image.Width]);
        var noise = rand(count, image.Channels, image.Height, image.Width, generator: generator);
        return patches.Times(0.7).PlusScaled(noise, 0.3).Times(network.PixelSpan).MoveToOuterDisposeScope();
    }
}
