using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Functions of one number that networks have between their layers.</summary>
internal static class ActivationCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. Simple("Relu", 7, 13, 14),
        .. Simple("LeakyRelu", 7, 16),
        With("LeakyRelu with alpha", 16, Real("alpha", 0.2f)),
        Slope("by channel", 7, 3, 1, 1),
        Slope("by channel", 16, 3, 1, 1),
        Slope("by channel with all axes", 9, 1, 3, 1, 1),
        Slope("for all", 9, 1),
        Slope("by number", 9, 3, 4, 5),
        .. Simple("Elu", 7, 22),
        With("Elu with alpha", 7, Real("alpha", 0.5f)),
        .. Simple("Selu", 7, 22),
        With("Selu with numbers", 7, Real("alpha", 1.5f), Real("gamma", 2)),
        .. Simple("Celu", 12),
        With("Celu with alpha", 12, Real("alpha", 0.5f)),
        .. Simple("Sigmoid", 7, 13),
        .. Simple("HardSigmoid", 7, 22),
        With("HardSigmoid with numbers", 7, Real("alpha", 1 / 6f), Real("beta", 0.5f)),
        .. Simple("HardSwish", 14, 22),
        .. Simple("Tanh", 7, 13),
        .. Simple("Softplus", 7, 22),
        .. Simple("Softsign", 7, 22),
        .. Simple("ThresholdedRelu", 10, 22),
        With("ThresholdedRelu with alpha", 10, Real("alpha", 0.5f)),
        .. Simple("Mish", 18, 22),
        .. Simple("Erf", 9, 13),
        .. Simple("Gelu", 20),
        With("Gelu with approximate none", 20, Text("approximate", "none")),
        With("Gelu with approximate tanh", 20, Text("approximate", "tanh")),
        With("Clip", 7),
        With("Clip with both bounds", 7, Real("min", -0.5f), Real("max", 1)),
        With("Clip with a minimum", 7, Real("min", -0.5f)),
        With("Clip with a maximum", 7, Real("max", 0.5f)),
        Clip("without bounds", 11, null, null),
        Clip("with both bounds", 11, -0.5f, 1),
        Clip("with both bounds", 12, -0.5f, 1),
        Clip("with both bounds", 13, -0.5f, 1),
        Clip("with a minimum", 11, -0.5f, null),
        Clip("with a maximum", 13, null, 0.5f),
        OperatorCase.Of("Clip by a computed bound", 13, Images, graph => graph.Node("Clip", ["x", "", graph.Node("Neg", [graph.Real(-0.75f)])])),
        Softmax("Softmax", " over what is behind the batch", 7),
        Softmax("Softmax", " over the last axis, as one of two", 7, Whole("axis", 3)),
        Softmax("Softmax", " over two axes at once", 11, Whole("axis", 2)),
        Softmax("Softmax", " over two axes at once, counted from the end", 11, Whole("axis", -2)),
        Softmax("Softmax", " over everything", 11, Whole("axis", 0)),
        Softmax("Softmax", " over the last axis", 13),
        Softmax("Softmax", " over channels", 13, Whole("axis", 1)),
        Softmax("Softmax", " over rows", 13, Whole("axis", -2)),
        Softmax("LogSoftmax", " over what is behind the batch", 7),
        Softmax("LogSoftmax", " over two axes at once", 11, Whole("axis", 2)),
        Softmax("LogSoftmax", " over the last axis", 13),
        Softmax("LogSoftmax", " over channels", 13, Whole("axis", 1)),
    ];

    private static IEnumerable<OperatorCase> Simple(string operation, params int[] opsets) =>
        OperatorCase.Over(opsets, operation, Images, graph => graph.Node(operation, ["x"]), minimum: -4, maximum: 4);

    private static OperatorCase With(string name, int opset, params AttributeProto[] attributes) =>
        OperatorCase.Of(name, opset, Images, graph => graph.Node(name.Split(' ')[0], ["x"], attributes), minimum: -4, maximum: 4);

    private static OperatorCase Slope(string what, int opset, params long[] slopes) => OperatorCase.Of($"PRelu {what}", opset, Images, graph => graph.Node("PRelu", ["x", graph.Weights(slopes)]));

    private static OperatorCase Clip(string what, int opset, float? minimum, float? maximum) => OperatorCase.Of(
        $"Clip {what}", opset, Images, graph => graph.Node("Clip", (minimum, maximum) switch
        {
            ({ } least, { } most) => ["x", graph.Real(least), graph.Real(most)],
            ({ } least, null) => ["x", graph.Real(least)],
            (null, { } most) => ["x", "", graph.Real(most)],
            _ => ["x"],
        }));

    private static OperatorCase Softmax(string operation, string what, int opset, params AttributeProto[] attributes) =>
        OperatorCase.Of($"{operation}{what}", opset, Images, graph => graph.Node(operation, ["x"], attributes));
}
