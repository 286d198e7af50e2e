using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>A small graph while a case builds it; every method returns a value's name.</summary>
internal sealed class OperatorGraph(Seed seed)
{
    private int count;

    public GraphProto Proto { get; } = new() { Name = "case" };

    /// <summary>A node with one output.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">Names; empty for one that is left out.</param>
    /// <param name="attributes">See <see cref="OperatorAttributes"/>.</param>
    public string Node(string operation, string[] inputs, params AttributeProto[] attributes) => Nodes(operation, inputs, 1, attributes)[0];

    /// <summary>A node with several outputs.</summary>
    public string[] Nodes(string operation, string[] inputs, int outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = $"node_{++count}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(Enumerable.Range(1, outputs).Select(output => $"value_{count}_{output}"));
        node.Attribute.AddRange(attributes);
        Proto.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Truth or whole numbers as the float32 numbers that a case puts out.</summary>
    public string ToFloat(string value) => Node("Cast", [value], OperatorAttributes.Whole("to", 1));

    /// <summary>Numbers from -1 to 1, others for each call.</summary>
    public string Weights(params long[] shape) => Reals(shape, Uniform(seed.For(++count), shape, -1, 1));

    /// <summary>Numbers from 0.5 to 1.5.</summary>
    public string Positive(params long[] shape) => Reals(shape, Uniform(seed.For(++count), shape, 0.5f, 1.5f));

    /// <summary>Without dimensions.</summary>
    public string Real(float value) => Reals([], value);

    public string Reals(long[] shape, params float[] values) => Store(Constant(shape, values));

    /// <summary>Without dimensions.</summary>
    public string Whole(long value) => WholeArray([], value);

    /// <summary>A row of int64.</summary>
    public string Wholes(params long[] values) => WholeArray([values.Length], values);

    public string WholeArray(long[] shape, params long[] values) => Store(Constant(shape, values));

    public string Store(TensorProto tensor)
    {
        tensor.Name = $"constant_{++count}";
        Proto.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>A tensor of one of ONNX's types: float is 1, int32 6, int64 7, bool 9, double 11.</summary>
    public static TensorProto Constant<T>(long[] shape, params T[] values)
        where T : unmanaged
    {
        var type = values switch
        {
            float[] => 1,
            int[] => 6,
            long[] => 7,
            bool[] => 9,
            double[] => 11,
            _ => throw new NotSupportedException($"Constants of {typeof(T)} are in no case; expected float, int, long, bool or double."),
        };
        return new TensorProto { DataType = type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())), Dims = { shape } };
    }

    /// <summary>Numbers of which no two are close: a maximum, a sign or a comparison does not change when they move a little.</summary>
    public static float[] Spaced(Seed seed, long[] shape, float minimum, float maximum)
    {
        var values = Uniform(seed.For("places"), shape, -0.2f, 0.2f);
        for (var index = 0; index < values.Length; index++)
            values[index] = minimum + (maximum - minimum) * (index + 0.5f + values[index]) / values.Length;
        seed.Random().Shuffle(values);
        return values;
    }

    public static float[] Uniform(Seed seed, long[] shape, float minimum, float maximum)
    {
        var random = seed.Random();
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var index = 0; index < values.Length; index++)
            values[index] = minimum + (maximum - minimum) * random.NextSingle();
        return values;
    }
}
