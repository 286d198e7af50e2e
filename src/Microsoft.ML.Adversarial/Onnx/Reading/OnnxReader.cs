using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Reads networks back that <see cref="OnnxWriter"/> wrote.</summary>
internal static class OnnxReader
{
    /// <param name="stream">The model, to the stream's end.</param>
    /// <param name="name">For messages.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <returns>The network, which the caller disposes, and what the world outside sees of it.</returns>
    /// <exception cref="InvalidDataException">This is no ONNX model, or not one of this library.</exception>
    public static (FrozenNetwork Network, OnnxInterface Interface) Read(Stream stream, string name, Device device)
    {
        using var file = OnnxFile.Read(stream, name, folder: null);
        if (file.Model.ProducerName != OnnxWriter.Producer)
            throw new InvalidDataException($"'{name}' was written by '{file.Model.ProducerName}'; expected a file of this library, as ExportOnnx and ml.Model.Save write it.");
        var (image, pixels, logits, names, batch) = OnnxEnds.Read(file);
        using var graph = OnnxImport.Read(file, image, pixels, logits, batch);
        OnnxKernels.LayOut(file, graph);
        if (graph.OutputShape is not [var classes] || classes != names.ClassNames.Count)
            throw new InvalidDataException($"'{name}' has scores of [{string.Join(", ", graph.OutputShape)}] and {names.ClassNames.Count} class names; expected as many of each.");
        return (new FrozenNetwork([graph.Freeze(device)], image, names.ClassNames.Count) { Facts = OnnxFacts.Of(file, graph) }, names);
    }
}
