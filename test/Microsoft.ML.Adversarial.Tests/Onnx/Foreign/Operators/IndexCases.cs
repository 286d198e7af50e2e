using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>What takes numbers from places, puts them there, or puts others around them.</summary>
internal static class IndexCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        OperatorCase.Of("Slice by attributes", 7, Images, graph => graph.Node("Slice", ["x"], Wholes("axes", 1, 3), Wholes("starts", 1, 0), Wholes("ends", 3, 4))),
        OperatorCase.Of("Slice by attributes without axes", 9, Images, graph => graph.Node("Slice", ["x"], Wholes("starts", 0, 1), Wholes("ends", 2, 3))),
        OperatorCase.Of("Slice by attributes from the end", 9, Images, graph => graph.Node("Slice", ["x"], Wholes("axes", 2, 3), Wholes("starts", -3, 1), Wholes("ends", -1, long.MaxValue))),
        .. new[] { 10, 11, 13 }.Select(opset => Slice("by inputs", opset, [1, 0], [3, 4], [1, 3])),
        Slice("without axes", 10, [0, 1], [2, 3], null),
        Slice("from the end and beyond it", 11, [-3, 1], [-1, long.MaxValue], [-2, -1]),
        Slice("with steps", 10, [0, 1], [4, 5], [2, 3], [2, 3]),
        Slice("backwards", 11, [-1], [long.MinValue], [3], [-1]),
        Slice("backwards with steps", 13, [3, 4], [-5, 0], [2, 3], [-2, -2]),
        OperatorCase.Of("Slice by int32", 13, Images, graph => graph.Node("Slice", ["x", graph.Store(OperatorGraph.Constant([1], 1)), graph.Store(OperatorGraph.Constant([1], 3)), graph.Store(OperatorGraph.Constant([1], 2))])),
        .. new[] { 7, 11, 13 }.Select(opset => Gather("of channels", opset, 1, [3], 2, 0, 0)),
        Gather("of images", 7, 0, [1], 1),
        Gather("of one row, which goes", 11, 2, [], 3),
        Gather("from the end", 11, -1, [2], -1, -5),
        Gather("with a table of indices", 13, 3, [2, 2], 0, 1, 4, 1),
        OperatorCase.Of("Gather by int32", 13, Images, graph => graph.Node("Gather", ["x", graph.Store(OperatorGraph.Constant([2], 2, 1))], Whole("axis", 2))),
        .. OperatorCase.Over([11, 13], "GatherElements", [2, 3], graph => graph.Node("GatherElements", ["x", graph.WholeArray([2, 2], 2, 0, 1, -1)], Whole("axis", 1))),
        .. OperatorCase.Over([11, 13], "GatherND", [2, 3, 4], graph => graph.Node("GatherND", ["x", graph.WholeArray([3, 2], 0, 1, 1, 2, 0, 0)])),
        OperatorCase.Of("GatherND by image", 12, [2, 3, 4], graph => graph.Node("GatherND", ["x", graph.WholeArray([2, 1], 1, 2)], Whole("batch_dims", 1))),
        .. OperatorCase.Over([11, 16], "ScatterND into x", [4, 3], graph => graph.Node("ScatterND", ["x", graph.WholeArray([2, 1], 2, 0), graph.Weights(2, 3)])),
        OperatorCase.Of("ScatterND of x", 13, [2, 3], graph => graph.Node("ScatterND", [graph.Weights(4, 3), graph.WholeArray([2, 1], 2, 0), "x"])),
        OperatorCase.Of("ScatterElements into x", 11, [2, 3], graph => graph.Node("ScatterElements", ["x", graph.WholeArray([2, 1], 2, 0), graph.Weights(2, 1)], Whole("axis", 1))),
        PadOf("by attributes", 7, Wholes("pads", 0, 0, 1, 2, 0, 0, 2, 1)),
        PadOf("by attributes with a value", 9, Wholes("pads", 0, 1, 1, 0, 0, 0, 0, 2), Real("value", 0.5f), Text("mode", "constant")),
        PadOf("by attributes, reflected", 7, Wholes("pads", 0, 0, 1, 2, 0, 0, 2, 1), Text("mode", "reflect")),
        PadOf("by attributes with the edge", 7, Wholes("pads", 0, 0, 1, 2, 0, 0, 2, 1), Text("mode", "edge")),
        PadOf("by attributes, cut", 7, Wholes("pads", 0, 0, -1, 1, 0, 0, 0, -2)),
        .. new[] { 11, 13, 18, 19, 21 }.Select(opset => Pad("by inputs", opset, null, [0, 0, 1, 2, 0, 0, 2, 1], value: null)),
        Pad("by inputs with a value", 11, "constant", [0, 1, 1, 0, 0, 0, 0, 2], 0.5f),
        Pad("by inputs, reflected", 13, "reflect", [0, 0, 1, 2, 0, 0, 2, 1], value: null),
        Pad("by inputs with the edge", 13, "edge", [0, 0, 1, 2, 0, 0, 2, 1], value: null),
        Pad("by inputs, around", 19, "wrap", [0, 0, 1, 2, 0, 0, 2, 1], value: null),
        Pad("by inputs, cut", 13, null, [0, 0, -1, 1, 0, 0, 0, -2], 0.5f),
        OperatorCase.Of("Pad of axes", 18, Images, graph => graph.Node("Pad", ["x", graph.Wholes(1, 2, 0, 1), graph.Real(0.5f), graph.Wholes(2, -1)])),
        OperatorCase.Of("Pad of axes, reflected", 18, Images, graph => graph.Node("Pad", ["x", graph.Wholes(1, 2, 0, 1), "", graph.Wholes(3, 2)], Text("mode", "reflect"))),
    ];

    private static OperatorCase Slice(string what, int opset, long[] starts, long[] ends, long[]? axes, long[]? steps = null) => OperatorCase.Of(
        $"Slice {what}", opset, Images, graph => graph.Node("Slice", ["x", graph.Wholes(starts), graph.Wholes(ends), .. Optional(graph, axes), .. Optional(graph, steps)]));

    private static string[] Optional(OperatorGraph graph, long[]? values) => values is null ? [] : [graph.Wholes(values)];

    private static OperatorCase Gather(string what, int opset, long axis, long[] shape, params long[] indices) =>
        OperatorCase.Of($"Gather {what}", opset, Images, graph => graph.Node("Gather", ["x", graph.WholeArray(shape, indices)], Whole("axis", axis)));

    private static OperatorCase PadOf(string what, int opset, params AttributeProto[] attributes) => OperatorCase.Of($"Pad {what}", opset, Images, graph => graph.Node("Pad", ["x"], attributes));

    private static OperatorCase Pad(string what, int opset, string? mode, long[] pads, float? value) => OperatorCase.Of(
        $"Pad {what}", opset, Images, graph => graph.Node(
            "Pad", ["x", graph.Wholes(pads), .. value is { } number ? [graph.Real(number)] : Array.Empty<string>()], mode is null ? [] : [Text("mode", mode)]));
}
