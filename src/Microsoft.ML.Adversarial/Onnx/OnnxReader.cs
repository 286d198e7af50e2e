using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Reads back what <see cref="OnnxWriter"/> wrote, and nothing else: every node is either understood or refused by name. Sizes in the file are believed only where the
/// bytes for them are there.
/// </summary>
internal static class OnnxReader
{
    /// <param name="stream">The model, to the stream's end.</param>
    /// <param name="file">For messages.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <returns>The network, which the caller disposes, and what the world outside sees of it.</returns>
    /// <exception cref="InvalidDataException">This is no ONNX model, or not one of this library: the message names the first node that does not belong there.</exception>
    public static (FrozenNetwork Network, OnnxInterface Interface) Read(Stream stream, string file, Device device)
    {
        var model = Parse(stream, file);
        var nodes = new OnnxNodes(model.Graph, file);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var ends = new OnnxInterfaceReader(model.Graph, nodes, file);
        var (image, pixels, input) = ends.ReadInput();
        var (network, logits) = new OnnxNetworkReader(nodes, device).Read(image, pixels);
        var names = ends.ReadOutputs(input, logits, network.ClassCount) with { Domain = ReadDomain(model, file) };
        // Whatever was refused until here, the scope has freed.
        foreach (var tensor in network.Layers.SelectMany(layer => layer.Tensors))
            tensor.DetachFromDisposeScope();
        return (network, names);
    }

    private static ModelProto Parse(Stream stream, string file)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(stream);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"'{file}' is no ONNX model and no model.zip, or was cut short: {exception.Message}", exception);
        }
        if (model.Graph is null)
            throw new InvalidDataException($"'{file}' is no ONNX model: it has no graph.");
        var expected = new HashSet<(string, long)> { ("", OnnxWriter.OperatorSet), (OnnxWriter.MachineLearningDomain, OnnxWriter.MachineLearningOperatorSet) };
        if (model.IrVersion != OnnxWriter.IrVersion || !expected.SetEquals(model.OpsetImport.Select(set => (set.Domain, set.Version))))
            throw new InvalidDataException(
                $"'{file}' has IR version {model.IrVersion} and the operator sets {Text(model.OpsetImport.Select(set => (set.Domain, set.Version)))}; expected IR version {OnnxWriter.IrVersion} and {Text(expected)}, as ExportOnnx and ml.Model.Save write them.");
        return model;

        static string Text(IEnumerable<(string Domain, long Version)> sets) =>
            string.Join(" and ", sets.Select(set => $"{(set.Domain.Length == 0 ? "ai.onnx" : set.Domain)} {set.Version}"));
    }

    private static ImageDomain? ReadDomain(ModelProto model, string file)
    {
        string[] notes = [.. model.MetadataProps.Where(entry => entry.Key == OnnxWriter.DomainKey).Select(entry => entry.Value)];
        return notes switch
        {
            [] => null,
            [nameof(ImageDomain.Clean)] => ImageDomain.Clean,
            [nameof(ImageDomain.Adversarial)] => ImageDomain.Adversarial,
            _ => throw new InvalidDataException($"'{file}' has the note '{OnnxWriter.DomainKey}' = '{string.Join("', '", notes)}'; expected {string.Join(" or ", Enum.GetNames<ImageDomain>())}."),
        };
    }
}
