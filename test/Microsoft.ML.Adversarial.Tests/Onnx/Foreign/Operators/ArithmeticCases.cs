using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Arithmetic, number by number, of one, two or several inputs.</summary>
internal static class ArithmeticCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { "Add", "Sub", "Mul", "Div" }.SelectMany(Binary),
        .. OperatorCase.Over([7, 12, 13, 15], "Pow with exponent 2", Images, graph => graph.Node("Pow", ["x", graph.Real(2)])),
        OperatorCase.Of("Pow with exponent 3 as one number in a row", 13, Images, graph => graph.Node("Pow", ["x", graph.Reals([1], 3)])),
        OperatorCase.Of("Pow with a whole exponent", 12, Images, graph => graph.Node("Pow", ["x", graph.Whole(3)])),
        OperatorCase.Of("Pow with exponent 0.5", 13, Images, graph => graph.Node("Pow", ["x", graph.Real(0.5f)]), minimum: 0.5f),
        OperatorCase.Of("Pow with exponents by channel", 13, Images, graph => graph.Node("Pow", ["x", graph.Weights(3, 1, 1)]), minimum: 0.5f),
        OperatorCase.Of("Pow with x as exponent", 13, Images, graph => graph.Node("Pow", [graph.Positive(3, 1, 1), "x"])),
        .. Unary("Sqrt", 0.5f, 2, 7, 13),
        .. Unary("Reciprocal", 0.5f, 2, 7, 13),
        .. Unary("Exp", -2, 2, 7, 13),
        .. Unary("Log", 0.5f, 2, 7, 13),
        .. Unary("Neg", -2, 2, 7, 13),
        .. Unary("Abs", -2, 2, 7, 13),
        .. Unary("Sin", -2, 2, 7, 22),
        .. Unary("Cos", -2, 2, 7, 22),
        .. Steps("Floor", 7, 13),
        .. Steps("Ceil", 7, 13),
        .. Steps("Round", 11, 22),
        .. Steps("Sign", 9, 13),
        .. new[] { "Min", "Max", "Sum", "Mean" }.SelectMany(Several),
        OperatorCase.Of("Mod of real numbers", 13, Images, graph => graph.Node("Mod", ["x", graph.Real(0.7f)], Whole("fmod", 1))),
        OperatorCase.Of("Mod of whole numbers", 11, [3], graph => graph.Node("Mul", ["x", graph.ToFloat(graph.Node("Mod", [graph.Wholes(-7, 7, 8), graph.Wholes(3)]))])),
    ];

    private static IEnumerable<OperatorCase> Binary(string operation) =>
    [
        .. OperatorCase.Over([7, 13, 14], $"{operation} by channel", Images, graph => graph.Node(operation, ["x", graph.Positive(3, 1, 1)])),
        OperatorCase.Of($"{operation} with a number", 7, Images, graph => graph.Node(operation, ["x", graph.Real(1.7f)])),
        OperatorCase.Of($"{operation} of a number and x", 14, Images, graph => graph.Node(operation, [graph.Reals([1], 1.7f), "x"]), minimum: 0.5f),
        OperatorCase.Of($"{operation} with more axes", 14, [4, 1], graph => graph.Node(operation, ["x", graph.Positive(2, 3, 4, 5)])),
        OperatorCase.Of($"{operation} of two values", 14, Images, graph => graph.Node(operation, ["x", graph.Node("Exp", ["x"])])),
    ];

    private static IEnumerable<OperatorCase> Unary(string operation, float minimum, float maximum, params int[] opsets) =>
        OperatorCase.Over(opsets, operation, Images, graph => graph.Node(operation, ["x"]), minimum, maximum);

    /// <summary>Halves among them: Round goes to the even one.</summary>
    private static IEnumerable<OperatorCase> Steps(string operation, params int[] opsets) =>
        opsets.Select(opset => OperatorCase.Of(operation, opset, [2, 5], graph => graph.Node(operation, ["x"]), [-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 0, -0.2f, 1.7f, 3], isDifferentiable: false));

    /// <summary>Sizes may differ from opset 8 on.</summary>
    private static IEnumerable<OperatorCase> Several(string operation) =>
    [
        OperatorCase.Of($"{operation} of two inputs", 7, Images, graph => graph.Node(operation, ["x", graph.Weights(Images)])),
        OperatorCase.Of($"{operation} of three inputs", 8, Images, graph => graph.Node(operation, ["x", graph.Weights(3, 1, 1), graph.Node("Exp", ["x"])])),
        OperatorCase.Of($"{operation} of three inputs", 13, Images, graph => graph.Node(operation, ["x", graph.Weights(3, 1, 1), graph.Node("Exp", ["x"])])),
        OperatorCase.Of($"{operation} of one input", 13, Images, graph => graph.Node(operation, ["x"])),
    ];
}
