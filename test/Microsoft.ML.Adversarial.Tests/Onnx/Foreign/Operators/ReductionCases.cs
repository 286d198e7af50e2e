using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>What makes one number of several.</summary>
internal static class ReductionCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp", "ReduceLogSum" }.SelectMany(Reductions),
        .. OperatorCase.Over([7, 11, 12, 13], "ArgMax", Images, graph => graph.ToFloat(graph.Node("ArgMax", ["x"], Whole("axis", 1), Whole("keepdims", 0))), isDifferentiable: false),
        OperatorCase.Of("ArgMax with axis and keepdims by default", 13, Images, graph => graph.ToFloat(graph.Node("ArgMax", ["x"])), isDifferentiable: false),
        OperatorCase.Of("ArgMax over the last axis", 11, Images, graph => graph.ToFloat(graph.Node("ArgMax", ["x"], Whole("axis", -1))), isDifferentiable: false),
        ArgMaxOfEqual("the first of equal numbers", 13, Whole("axis", 1)),
        ArgMaxOfEqual("the last of equal numbers", 12, Whole("axis", 1), Whole("select_last_index", 1)),
    ];

    /// <summary>Axes are an attribute before opset 18, and before 13 for sums; an input from then on.</summary>
    private static IEnumerable<OperatorCase> Reductions(string operation)
    {
        var changed = operation == "ReduceSum" ? 13 : 18;
        // A logarithm needs a positive sum, and a product of 120 numbers should be neither 0 nor infinite.
        var (minimum, maximum) = operation switch { "ReduceLogSum" => (0.5f, 2f), "ReduceProd" => (0.8f, 1.25f), _ => (-2, 2) };
        OperatorCase Attribute(string what, int opset, params AttributeProto[] attributes) =>
            OperatorCase.Of($"{operation} {what}", opset, Images, graph => graph.Node(operation, ["x"], attributes), minimum, maximum);
        OperatorCase Input(string what, int opset, long[]? axes, params AttributeProto[] attributes) =>
            OperatorCase.Of($"{operation} {what}", opset, Images, graph => graph.Node(operation, ["x", .. axes is null ? Array.Empty<string>() : [graph.Wholes(axes)]], attributes), minimum, maximum);
        return
        [
            Attribute("over height and width", 7, Wholes("axes", 2, 3)),
            Attribute("over height and width, counted from the end, without them", 11, Wholes("axes", -1, -2), Whole("keepdims", 0)),
            Attribute("over everything", changed - 1, Whole("keepdims", 0)),
            Attribute("over channels", changed - 1, Wholes("axes", 1), Whole("keepdims", 1)),
            Input("over height and width", changed, [2, 3]),
            Input("over channels, without them", changed, [-3], Whole("keepdims", 0)),
            Input("over everything", changed, axes: null),
            Input("over everything, without axes", changed, [], Whole("keepdims", 0)),
            Input("over nothing", changed, [], Whole("noop_with_empty_axes", 1)),
        ];
    }

    private static OperatorCase ArgMaxOfEqual(string what, int opset, params AttributeProto[] attributes) =>
        OperatorCase.Of($"ArgMax, {what}", opset, [2, 4], graph => graph.ToFloat(graph.Node("ArgMax", ["x"], attributes)), [1, 2, 2, 0, 3, 3, 1, 3], isDifferentiable: false);
}
