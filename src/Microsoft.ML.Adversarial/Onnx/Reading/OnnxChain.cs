using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>One graph of several that follow each other.</summary>
/// <param name="File">Changed when it is joined, and not to be used again.</param>
/// <param name="Input">The graph's input that takes what the one before makes; the first one's takes pixels.</param>
/// <param name="Output">The value that is handed on.</param>
internal sealed record OnnxLink(OnnxFile File, string Input, string Output);

/// <summary>Scores that are linear in features: W x + b.</summary>
/// <param name="Weights">[classes][features].</param>
/// <param name="Biases">[classes].</param>
internal sealed record OnnxLinear(IReadOnlyList<float[]> Weights, IReadOnlyList<float> Biases);

/// <summary>Graphs that ML.NET runs one behind the other, each on the numbers of the one before in their order, as one file with one output.</summary>
internal static class OnnxChain
{
    private const string Features = "linear/features", Scores = "linear/scores";

    /// <param name="links">One at least; names in the first stay as they are.</param>
    /// <param name="linear">What follows the last; null for nothing.</param>
    /// <param name="name">Of the whole, for messages.</param>
    /// <exception cref="InvalidDataException">The graphs are written for different versions of the operators, or one leaves the size of what it takes open.</exception>
    public static OnnxFile Join(IReadOnlyList<OnnxLink> links, OnnxLinear? linear, string name)
    {
        var joined = links[0].File with { Name = name };
        var end = links[0].Output;
        for (var index = 1; index < links.Count; index++)
            end = Append(joined, links[0].Input, links[index], $"graph {index + 1}/", end);
        if (linear is not null)
            end = Append(joined.Graph, linear, end);
        joined.Graph.Output.Clear();
        joined.Graph.Output.Add(new ValueInfoProto { Name = end });
        return joined;
    }

    /// <returns>The value that the link hands on, as it is called in the whole.</returns>
    private static string Append(OnnxFile joined, string firstInput, OnnxLink link, string prefix, string end)
    {
        if (link.File.OperatorSet != joined.OperatorSet)
            throw new InvalidDataException($"'{joined.Name}' has graphs for versions {joined.OperatorSet} and {link.File.OperatorSet} of the operators of ai.onnx; expected the same version in all. Convert one of the files. {OnnxGraphReader.Remedy}");
        joined.Model.IrVersion = Math.Max(joined.Model.IrVersion, link.File.Model.IrVersion);
        var graph = link.File.Graph;
        var sizes = Sizes(link);
        if (sizes[0] == 1)
            Batch(joined, firstInput).DimValue = 1;
        foreach (var initializer in graph.Initializer)
            initializer.Name = prefix + initializer.Name;
        foreach (var node in graph.Node)
        {
            Rename(node.Input, prefix);
            Rename(node.Output, prefix);
        }
        joined.Take(link.File);
        joined.Graph.Node.Add(Reshape(joined.Graph, end, prefix + link.Input, sizes));
        joined.Graph.Node.AddRange(graph.Node);
        return prefix + link.Output;
    }

    private static string Append(GraphProto graph, OnnxLinear linear, string end)
    {
        var (classes, features) = (linear.Weights.Count, linear.Weights[0].Length);
        var weights = Constant("linear/weights", TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(linear.Weights.SelectMany(row => row).ToArray().AsSpan()), classes, features);
        var biases = Constant("linear/biases", TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(linear.Biases.ToArray().AsSpan()), classes);
        graph.Initializer.AddRange([weights, biases]);
        graph.Node.Add(new NodeProto { OpType = "Flatten", Name = Features, Input = { end }, Output = { Features }, Attribute = { OnnxGraph.Number("axis", 1) } });
        graph.Node.Add(new NodeProto { OpType = "Gemm", Name = Scores, Input = { Features, weights.Name, biases.Name }, Output = { Scores }, Attribute = { OnnxGraph.Number("transB", 1) } });
        return Scores;
    }

    /// <summary>ML.NET hands over numbers in their order, whatever the sizes that they are made with.</summary>
    private static NodeProto Reshape(GraphProto graph, string from, string to, long[] sizes)
    {
        long[] free = [-1, .. sizes[1..]];
        var shape = Constant(to + " sizes", TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(free.AsSpan()), free.Length);
        graph.Initializer.Add(shape);
        return new NodeProto { OpType = "Reshape", Name = to, Input = { from, shape.Name }, Output = { to } };
    }

    /// <summary>Of what a link takes; 0 is free.</summary>
    private static long[] Sizes(OnnxLink link)
    {
        var input = link.File.Inputs.FirstOrDefault(candidate => candidate.Name == link.Input);
        long[] sizes = [.. input?.Type?.TensorType?.Shape?.Dim.Select(dimension => dimension.DimValue) ?? []];
        return sizes is [0 or 1, ..] && sizes[1..].All(size => size > 0)
            ? sizes
            : throw new InvalidDataException($"'{link.File.Name}': the input '{link.Input}' is [{string.Join(", ", sizes)}], 0 being free; expected a free batch or one, and known sizes otherwise, of a graph that takes what another graph makes. {OnnxGraphReader.Remedy}");
    }

    private static TensorShapeProto.Types.Dimension Batch(OnnxFile file, string input) => file.Inputs.Single(candidate => candidate.Name == input).Type.TensorType.Shape.Dim[0];

    private static void Rename(RepeatedField<string> names, string prefix)
    {
        for (var i = 0; i < names.Count; i++)
            if (names[i].Length > 0)
                names[i] = prefix + names[i];
    }

    private static TensorProto Constant(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params long[] sizes) =>
        new() { Name = name, DataType = (int)type, Dims = { sizes }, RawData = ByteString.CopyFrom(bytes) };
}
