using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>Tiny networks as ONNX models, and how they come back.</summary>
internal static class WrittenNetworks
{
    public const string File = "folder/some.onnx";

    public static FrozenNetwork Freeze(string kind)
    {
        using var network = TinyNetworks.Trained(kind);
        return network.Freeze(ImageDomain.Adversarial);
    }

    public static OnnxInterface Names(string kind) => new()
    {
        Input = "Pixels",
        Logits = "Logits",
        Score = "Probabilities",
        PredictedIndex = "Index",
        ClassNames = [.. Enumerable.Range(0, TinyNetworks.Architecture(kind).ClassCount).Select(index => $"class {index}")],
        Domain = ImageDomain.Adversarial,
    };

    public static byte[] Write(string kind)
    {
        using var frozen = Freeze(kind);
        return OnnxWriter.Write(frozen, Names(kind));
    }

    public static ModelProto Model(string kind) => ModelProto.Parser.ParseFrom(Write(kind));

    public static (FrozenNetwork Network, OnnxInterface Interface) Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return OnnxReader.Read(stream, File, torch.CPU);
    }
}
