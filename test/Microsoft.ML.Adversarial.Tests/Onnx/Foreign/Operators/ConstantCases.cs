using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Constants in all forms, and what does nothing when nothing is trained. Each is added to x, or multiplied with it.</summary>
internal static class ConstantCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { 7, 9, 11, 13, 21 }.Select(opset => Added("Constant as a tensor", opset, graph => graph.Node("Constant", [], Tensor("value", OperatorGraph.Constant([5], 1f, 2, 3, 4, 5))))),
        Added("Constant as a number in a tensor", 9, graph => graph.Node("Constant", [], Tensor("value", OperatorGraph.Constant([], 1.5f)))),
        Added("Constant of int64 in a tensor", 9, graph => graph.ToFloat(graph.Node("Constant", [], Tensor("value", OperatorGraph.Constant([1], 3L))))),
        Added("Constant of bool in a tensor", 9, graph => graph.ToFloat(graph.Node("Constant", [], Tensor("value", OperatorGraph.Constant([5], true, false, true, true, false))))),
        Added("Constant as value_float", 12, graph => graph.Node("Constant", [], Real("value_float", 1.5f))),
        Added("Constant as value_floats", 12, graph => graph.Node("Constant", [], Reals("value_floats", 1, 2, 3, 4, 5))),
        Added("Constant as value_int", 13, graph => graph.ToFloat(graph.Node("Constant", [], Whole("value_int", 3)))),
        Added("Constant as value_ints", 13, graph => graph.ToFloat(graph.Node("Constant", [], Wholes("value_ints", 1, 2, 3, 4, 5)))),
        OperatorCase.Of("Constant as a shape", 13, Images, graph => graph.Node("Reshape", ["x", graph.Node("Constant", [], Wholes("value_ints", 0, -1))])),
        Added("ConstantOfShape with zeros", 9, graph => graph.Node("ConstantOfShape", [graph.Wholes(4, 5)])),
        Added("ConstantOfShape with a value", 9, graph => graph.Node("ConstantOfShape", [graph.Wholes(4, 5)], Tensor("value", OperatorGraph.Constant([1], 1.5f)))),
        Added("ConstantOfShape with int64", 21, graph => graph.ToFloat(graph.Node("ConstantOfShape", [graph.Wholes(4, 5)], Tensor("value", OperatorGraph.Constant([1], 3L))))),
        Added("ConstantOfShape of a computed shape", 13, graph => graph.Node("ConstantOfShape", [graph.Node("Shape", ["x"])], Tensor("value", OperatorGraph.Constant([1], 1.5f)))),
        Added("Range of real numbers", 11, graph => graph.Node("Range", [graph.Real(0.5f), graph.Real(3), graph.Real(0.5f)])),
        Added("Range of whole numbers", 13, graph => graph.ToFloat(graph.Node("Range", [graph.Whole(0), graph.Whole(5), graph.Whole(1)]))),
        Added("Range backwards", 13, graph => graph.ToFloat(graph.Node("Range", [graph.Whole(5), graph.Whole(-5), graph.Whole(-2)]))),
        Added("An initializer in float_data", 13, graph => graph.Store(Typed(1, 4, ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5]))))),
        Added("An initializer in int64_data", 13, graph => graph.ToFloat(graph.Store(Typed(7, 7, WireFormatBytes.Packed(1, -2, 3, -4, 5))))),
        Added("An initializer in int32_data", 13, graph => graph.ToFloat(graph.Store(Typed(6, 5, WireFormatBytes.Packed(1, -2, 3, -4, 5))))),
        Added("An initializer of bool in int32_data", 13, graph => graph.ToFloat(graph.Store(Typed(9, 5, WireFormatBytes.Packed(1, 0, 1, 0, 0))))),
        Added("An initializer of double", 13, graph => graph.ToFloat(graph.Store(OperatorGraph.Constant([5], 1.0, 2, 3, 4, 5)))),
        Added("An initializer that is an input too", 13, graph => WithDefault(graph)),
        OperatorCase.Of("Identity", 7, Images, graph => graph.Node("Identity", ["x"])),
        OperatorCase.Of("Identity", 21, Images, graph => graph.Node("Identity", ["x"])),
        OperatorCase.Of("Identity of a constant", 13, Images, graph => graph.Node("Add", ["x", graph.Node("Identity", [graph.Weights(3, 1, 1)])])),
        Dropout("with ratio", 7, Real("ratio", 0.5f)),
        Dropout("", 10, Real("ratio", 0.5f)),
        Dropout("", 12),
        Dropout("", 22),
        OperatorCase.Of("Dropout by inputs", 12, Images, graph => graph.Node("Dropout", ["x", graph.Real(0.5f)])),
        OperatorCase.Of("Dropout with training_mode false", 13, Images, graph => graph.Node("Dropout", ["x", graph.Real(0.5f), graph.Store(OperatorGraph.Constant([], false))])),
        OperatorCase.Of("Dropout with training_mode true and ratio 0", 13, Images, graph => graph.Node("Dropout", ["x", graph.Real(0), graph.Store(OperatorGraph.Constant([], true))])),
    ];

    private static OperatorCase Added(string name, int opset, Func<OperatorGraph, string> constant) => OperatorCase.Of(name, opset, Images, graph => graph.Node("Add", ["x", constant(graph)]));

    private static OperatorCase Dropout(string what, int opset, params AttributeProto[] attributes) => OperatorCase.Of($"Dropout {what}".Trim(), opset, Images, graph => graph.Node("Dropout", ["x"], attributes));

    /// <summary>Five numbers in the field that belongs to their type, not as raw bytes.</summary>
    private static TensorProto Typed(int type, int field, ByteString numbers)
    {
        var tensor = new TensorProto { DataType = type, Dims = { 5 } };
        tensor.MergeFrom(WireFormatBytes.Field(field, numbers));
        return tensor;
    }

    /// <summary>As files before version 4 of the format have all of them.</summary>
    private static string WithDefault(OperatorGraph graph)
    {
        var name = graph.Weights(3, 1, 1);
        var shape = new TensorShapeProto { Dim = { new[] { 3L, 1, 1 }.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }) } };
        graph.Proto.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } } });
        return name;
    }
}
