using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>What gives the same numbers another shape, or puts them together.</summary>
internal static class ShapeCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        Flatten("", 7),
        .. new long[] { 0, 1, 2, 3, 4 }.Select(axis => Flatten($" at {axis}", 9, Whole("axis", axis))),
        Flatten(" from the end", 11, Whole("axis", -1)),
        Flatten("", 13),
        Flatten("", 21),
        Reshape("to sizes", 7, 2, 60),
        Reshape("to a size left open", 7, 2, -1),
        Reshape("with a size that stays", 13, 0, -1),
        Reshape("with sizes that stay", 14, 0, 0, 20),
        Reshape("to more axes", 21, 2, 3, 2, 2, 5, 1),
        OperatorCase.Of("Reshape to a computed shape", 13, Images, graph => graph.Node("Reshape", ["x", graph.Node("Concat", [Size(graph, 0), graph.Wholes(-1)], Whole("axis", 0))])),
        OperatorCase.Of("Reshape with allowzero", 14, Images, graph => graph.Node("Reshape", ["x", graph.Wholes(6, -1)], Whole("allowzero", 1))),
        .. OperatorCase.Over([7, 13, 21], "Transpose", Images, graph => graph.Node("Transpose", ["x"], Wholes("perm", 0, 2, 3, 1))),
        OperatorCase.Of("Transpose without perm", 13, Images, graph => graph.Node("Transpose", ["x"])),
        Squeeze("of all axes", 7, inputs: null),
        Squeeze("of one axis", 7, inputs: null, Wholes("axes", 1)),
        Squeeze("of axes from the end", 11, inputs: null, Wholes("axes", -1, 1)),
        Squeeze("of one axis", 13, [1]),
        Squeeze("of axes from the end", 21, [-1, 1]),
        Squeeze("of all axes", 13, inputs: null),
        Unsqueeze("of one axis", 7, inputs: null, Wholes("axes", 1)),
        Unsqueeze("of several axes", 7, inputs: null, Wholes("axes", 0, 3, 5)),
        Unsqueeze("of axes from the end", 11, inputs: null, Wholes("axes", -1, 1)),
        Unsqueeze("of one axis", 13, [2]),
        Unsqueeze("of several axes", 21, [-1, 0]),
        .. OperatorCase.Over([8, 13], "Expand", [2, 1, 4, 1], graph => graph.Node("Expand", ["x", graph.Wholes(2, 3, 4, 5)])),
        OperatorCase.Of("Expand to more axes, ones among them", 13, [3, 1], graph => graph.Node("Expand", ["x", graph.Wholes(2, 1, 4)])),
        .. OperatorCase.Over([7, 13], "Tile", [2, 3, 2], graph => graph.Node("Tile", ["x", graph.Wholes(1, 2, 3)])),
        .. OperatorCase.Over([7, 11, 13], "Concat of channels", Images, graph => graph.Node("Concat", ["x", graph.Weights(2, 2, 4, 5), graph.Node("Neg", ["x"])], Whole("axis", 1))),
        OperatorCase.Of("Concat from the end", 11, Images, graph => graph.Node("Concat", ["x", "x"], Whole("axis", -1))),
        OperatorCase.Of("Concat of one", 13, Images, graph => graph.Node("Concat", ["x"], Whole("axis", 0))),
        Split("into equal parts", 7, 2, inputs: null, Whole("axis", 1)),
        Split("into parts of sizes", 7, 3, inputs: null, Whole("axis", 1), Wholes("split", 1, 3, 2)),
        Split("at the end", 11, 2, inputs: null, Whole("axis", -1)),
        Split("into equal parts", 13, 3, inputs: null, Whole("axis", 1)),
        Split("into parts of sizes", 13, 2, [4, 2], Whole("axis", 1)),
        Split("into parts of sizes", 18, 2, [4, 2], Whole("axis", -2)),
        Split("into equal parts", 18, 3, inputs: null, Whole("axis", 1), Whole("num_outputs", 3)),
        Split("into parts of which the last is smaller", 18, 4, inputs: null, Whole("axis", 1), Whole("num_outputs", 4)),
        .. OperatorCase.Over([7, 13], "DepthToSpace", [2, 8, 3, 2], graph => graph.Node("DepthToSpace", ["x"], Whole("blocksize", 2))),
        .. new[] { "DCR", "CRD" }.SelectMany(mode => OperatorCase.Over([11, 13], $"DepthToSpace {mode}", [2, 8, 3, 2], graph => graph.Node("DepthToSpace", ["x"], Whole("blocksize", 2), Text("mode", mode)))),
        .. OperatorCase.Over([7, 13], "SpaceToDepth", [2, 3, 4, 6], graph => graph.Node("SpaceToDepth", ["x"], Whole("blocksize", 2))),
        .. OperatorCase.Over([7, 15, 21], "Shape", Images, graph => graph.Node("Mul", ["x", graph.ToFloat(Size(graph, 3))])),
        OperatorCase.Of("Shape from start to end", 15, Images, graph => graph.Node("Reshape", [graph.Node("Neg", ["x"]), graph.Node("Concat", [graph.Wholes(-1), graph.Node("Shape", ["x"], Whole("start", 1), Whole("end", -1))], Whole("axis", 0))])),
        OperatorCase.Of("Size", 13, Images, graph => graph.Node("Div", ["x", graph.ToFloat(graph.Node("Size", ["x"]))])),
    ];

    /// <summary>One size of x, as a row of one.</summary>
    private static string Size(OperatorGraph graph, long axis) => graph.Node("Gather", [graph.Node("Shape", ["x"]), graph.Wholes(axis)]);

    private static OperatorCase Flatten(string what, int opset, params AttributeProto[] attributes) => OperatorCase.Of($"Flatten{what}", opset, Images, graph => graph.Node("Flatten", ["x"], attributes));

    private static OperatorCase Reshape(string what, int opset, params long[] shape) => OperatorCase.Of($"Reshape {what}", opset, Images, graph => graph.Node("Reshape", ["x", graph.Wholes(shape)]));

    private static OperatorCase Squeeze(string what, int opset, long[]? inputs, params AttributeProto[] attributes) => OneOf("Squeeze", what, opset, [2, 1, 3, 1], inputs, attributes);

    private static OperatorCase Unsqueeze(string what, int opset, long[]? inputs, params AttributeProto[] attributes) => OneOf("Unsqueeze", what, opset, [2, 3, 4], inputs, attributes);

    private static OperatorCase OneOf(string operation, string what, int opset, long[] shape, long[]? inputs, AttributeProto[] attributes) =>
        OperatorCase.Of($"{operation} {what}", opset, shape, graph => graph.Node(operation, ["x", .. inputs is null ? Array.Empty<string>() : [graph.Wholes(inputs)]], attributes));

    /// <summary>The parts come out in the opposite order.</summary>
    private static OperatorCase Split(string what, int opset, int outputs, long[]? inputs, params AttributeProto[] attributes) => OperatorCase.Of(
        $"Split {what}", opset, outputs == 4 ? [2, 7, 4] : [2, 6, 4], graph => graph.Node(
            "Concat", [.. graph.Nodes("Split", ["x", .. inputs is null ? Array.Empty<string>() : [graph.Wholes(inputs)]], outputs, attributes).Reverse()], attributes.Single(attribute => attribute.Name == "axis")));
}
