using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>A graph of one or a few nodes, and numbers to put in.</summary>
/// <param name="Name">The operator, what is special, and the opset.</param>
/// <param name="Model">A whole file, with one float input `x` and one float output.</param>
/// <param name="Input">The numbers of `x`.</param>
/// <param name="InputShape">Their shape.</param>
/// <param name="IsDifferentiable">Whether the output has a gradient in `x` that is not zero everywhere, and `x` is away from every kink.</param>
internal sealed record OperatorCase(string Name, byte[] Model, float[] Input, long[] InputShape, bool IsDifferentiable)
{
    public const string InputName = "x";

    /// <param name="name">The operator and what is special.</param>
    /// <param name="opset">The version of the operators.</param>
    /// <param name="shape">The shape of `x`.</param>
    /// <param name="build">Adds the nodes and returns the output's name.</param>
    /// <param name="minimum">The least number of `x`.</param>
    /// <param name="maximum">The greatest.</param>
    /// <param name="isDifferentiable">See <see cref="IsDifferentiable"/>.</param>
    public static OperatorCase Of(string name, int opset, long[] shape, Func<OperatorGraph, string> build, float minimum = -2, float maximum = 2, bool isDifferentiable = true)
    {
        var seed = new Seed(3).For(name);
        return Of(name, opset, shape, build, OperatorGraph.Spaced(seed.For("x"), shape, minimum, maximum), isDifferentiable);
    }

    /// <summary>With numbers of one's own.</summary>
    public static OperatorCase Of(string name, int opset, long[] shape, Func<OperatorGraph, string> build, float[] input, bool isDifferentiable)
    {
        var graph = new OperatorGraph(new Seed(3).For(name));
        graph.Proto.Input.Add(Describe(InputName, new TensorShapeProto { Dim = { shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } }));
        // Whoever runs it has to find the output's shape.
        graph.Proto.Output.Add(Describe(build(graph), shape: null));
        var model = new ModelProto
        {
            // Opset 21 is of version 10 of the format; readers of older files are told no more than they know.
            IrVersion = opset >= 21 ? 10 : 8,
            Graph = graph.Proto,
            OpsetImport = { new OperatorSetIdProto { Version = opset } },
        };
        return new OperatorCase($"{name}, opset {opset}", model.ToByteArray(), input, shape, isDifferentiable);
    }

    /// <summary>The same graph in several opsets.</summary>
    public static IEnumerable<OperatorCase> Over(int[] opsets, string name, long[] shape, Func<OperatorGraph, string> build, float minimum = -2, float maximum = 2, bool isDifferentiable = true) =>
        opsets.Select(opset => Of(name, opset, shape, build, minimum, maximum, isDifferentiable));

    public override string ToString() => Name;

    private static ValueInfoProto Describe(string name, TensorShapeProto? shape) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } };
}
