using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>An ONNX graph while it is being written: names values, stores tensors, declares inputs and outputs.</summary>
internal sealed class OnnxGraph(string name)
{
    private int valueCount;

    public GraphProto Proto { get; } = new() { Name = name };

    /// <summary>Adds a node with one output and returns the output's name.</summary>
    public string Add(string operation, IEnumerable<string> inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = $"{operation}_{++valueCount}" };
        node.Input.AddRange(inputs);
        // Names inside have a slash, which no column needs.
        node.Output.Add($"network/value_{valueCount}");
        node.Attribute.AddRange(attributes);
        Proto.Node.Add(node);
        return node.Output[0];
    }

    /// <summary>Adds a node as another file has it, between these values.</summary>
    /// <returns>The names of its outputs.</returns>
    public IReadOnlyList<string> Add(NodeProto like, IEnumerable<string> inputs, int outputs)
    {
        var node = new NodeProto { OpType = like.OpType, Domain = like.Domain, Name = $"{like.OpType}_{++valueCount}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(Enumerable.Range(0, outputs).Select(index => index == 0 ? $"network/value_{valueCount}" : $"network/value_{valueCount}_{index}"));
        node.Attribute.AddRange(like.Attribute);
        Proto.Node.Add(node);
        return node.Output;
    }

    /// <summary>Gives a value the name under which the world knows it.</summary>
    public void Publish(string value, string outputName, TensorProto.Types.DataType type, params TensorShapeProto.Types.Dimension[] shape)
    {
        Proto.Node.Add(new NodeProto { OpType = "Identity", Name = $"publish_{outputName}", Input = { value }, Output = { outputName } });
        Proto.Output.Add(Describe(outputName, type, shape));
    }

    public void Input(string inputName, params TensorShapeProto.Types.Dimension[] shape) =>
        Proto.Input.Add(Describe(inputName, TensorProto.Types.DataType.Float, shape));

    public string Constant(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var plain = tensor.detach().cpu().contiguous();
        return Store(TypeOf(plain), plain.shape, plain.bytes);
    }

    public string Constant(float value) => Store(TensorProto.Types.DataType.Float, [], MemoryMarshal.AsBytes(new[] { value }.AsSpan()));

    public string Constant(float[] values) => Store(TensorProto.Types.DataType.Float, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()));

    public string Constant(long[] values) => Store(TensorProto.Types.DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()));

    public static AttributeProto Number(string attribute, long value) =>
        new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Number(string attribute, float value) =>
        new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Numbers(string attribute, params long[] values) =>
        new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    public static AttributeProto Texts(string attribute, IEnumerable<string> values) =>
        new() { Name = attribute, Type = AttributeProto.Types.AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } };

    public static TensorShapeProto.Types.Dimension Batch { get; } = new() { DimParam = "batch" };

    public static TensorShapeProto.Types.Dimension Size(long size) => new() { DimValue = size };

    /// <summary>ONNX stores numbers in little-endian order, as every machine that torch runs on does.</summary>
    private string Store(TensorProto.Types.DataType type, long[] shape, ReadOnlySpan<byte> bytes)
    {
        var tensor = new TensorProto { Name = $"network/constant_{Proto.Initializer.Count + 1}", DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        Proto.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static TensorProto.Types.DataType TypeOf(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float32 => TensorProto.Types.DataType.Float,
        ScalarType.Int64 => TensorProto.Types.DataType.Int64,
        ScalarType.Bool => TensorProto.Types.DataType.Bool,
        var other => throw new NotSupportedException($"The ONNX writer stores no {other}."),
    };

    private static ValueInfoProto Describe(string valueName, TensorProto.Types.DataType type, TensorShapeProto.Types.Dimension[] shape) =>
        new() { Name = valueName, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto { Dim = { shape } } } } };
}
