using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The kernels of convolutions, which files have channel by channel and convolutions like pixel by pixel.</summary>
internal static class OnnxKernels
{
    /// <summary>
    /// Lays kernels out as frozen networks have them: one after the other, and in the file as in the graph, which share their memory, so that there never are two of all. ONNX Runtime takes them
    /// channel by channel; whatever it is asked afterwards costs a copy.
    /// </summary>
    /// <param name="file">What the graph was read from.</param>
    /// <param name="graph">Shares its kernels with nobody else.</param>
    public static void LayOut(OnnxFile file, ImportedGraph graph)
    {
        var constants = file.Numbers.Keys.Where(constant => constant.DataType == (int)DataType.Float).ToDictionary(constant => constant.Name, StringComparer.Ordinal);
        foreach (var place in graph.Plan.KernelPlaces)
        {
            if (graph.Constants[place] is not { } kernels || kernels.dim() != 4)
                continue;
            using var scope = NewDisposeScope();
            var laidOut = FrozenTensor.ChannelsLast(kernels);
            graph.Constants[place] = laidOut.DetachFromDisposeScope();
            kernels.Dispose();
            if (!constants.TryGetValue(graph.Names[place], out var constant))
                continue;
            file.Numbers[constant].Dispose();
            file.Numbers[constant] = laidOut.alias().DetachFromDisposeScope();
        }
    }
}
