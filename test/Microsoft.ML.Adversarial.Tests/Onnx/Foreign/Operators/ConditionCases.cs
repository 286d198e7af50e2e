using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Comparisons, what is done with their results, and conversions between types.</summary>
internal static class ConditionCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    private static readonly float[] Few = [-1.5f, -1, -0.5f, 0, 0.5f, 1];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. Comparison("Greater", 7, 9, 13),
        .. Comparison("GreaterOrEqual", 12, 16),
        .. Comparison("Less", 7, 9, 13),
        .. Comparison("LessOrEqual", 12, 16),
        .. Comparison("Equal", 11, 13, 19),
        OperatorCase.Of("Equal of whole numbers", 7, [3], graph => graph.Node("Mul", ["x", graph.ToFloat(graph.Node("Equal", [graph.Wholes(1, 2, 3), graph.Wholes(1, 0, 3)]))])),
        OperatorCase.Of("Not", 7, [2, 3], graph => graph.ToFloat(graph.Node("Not", [Positive(graph)])), Few, isDifferentiable: false),
        .. new[] { "And", "Or", "Xor" }.Select(operation => OperatorCase.Of(
            operation, 7, [2, 3], graph => graph.ToFloat(graph.Node(operation, [Positive(graph), graph.Store(OperatorGraph.Constant([3], true, false, true))])), Few, isDifferentiable: false)),
        .. OperatorCase.Over([9, 16], "Where with x on both sides", Images, graph => graph.Node("Where", [Positive(graph), "x", graph.Node("Exp", ["x"])])),
        OperatorCase.Of("Where with a number", 9, Images, graph => graph.Node("Where", [Positive(graph), graph.Real(0.5f), "x"])),
        OperatorCase.Of("Where with a constant condition", 9, [2, 3], graph => graph.Node("Where", [graph.Store(OperatorGraph.Constant([3], true, false, true)), "x", graph.Weights(2, 1)])),
        .. new[] { (6, 7), (7, 9), (9, 9), (6, 13), (7, 13), (9, 13), (7, 19) }.Select(pair => Cast(pair.Item1, pair.Item2)),
        OperatorCase.Of("Cast to double and back", 13, Images, graph => graph.ToFloat(graph.Node("Exp", [graph.Node("Cast", ["x"], Whole("to", 11))]))),
        OperatorCase.Of("Cast to the type it has", 13, Images, graph => graph.ToFloat("x")),
        OperatorCase.Of("CastLike", 15, [2, 3], graph => graph.Node("CastLike", [graph.Node("CastLike", ["x", graph.Whole(0)]), "x"]), Few, isDifferentiable: false),
    ];

    private static string Positive(OperatorGraph graph) => graph.Node("Greater", ["x", graph.Real(0.25f)]);

    /// <summary>0.5 and -1 are among the numbers: equal ones are told from unequal ones.</summary>
    private static IEnumerable<OperatorCase> Comparison(string operation, params int[] opsets) =>
    [
        .. opsets.Select(opset => OperatorCase.Of(
            $"{operation} as a number", opset, [2, 3], graph => graph.ToFloat(graph.Node(operation, ["x", graph.Reals([3], 0.5f, -1, 0.25f)])), Few, isDifferentiable: false)),
        OperatorCase.Of($"{operation} for Where", opsets[^1], Images, graph => graph.Node("Where", [graph.Node(operation, ["x", graph.Weights(3, 1, 1)]), "x", graph.Node("Exp", ["x"])])),
    ];

    /// <summary>A whole number is cut towards zero; true is whatever is not zero.</summary>
    private static OperatorCase Cast(int type, int opset) =>
        OperatorCase.Of($"Cast to type {type} and back", opset, [2, 3], graph => graph.ToFloat(graph.Node("Cast", ["x"], Whole("to", type))), Few, isDifferentiable: false);
}
