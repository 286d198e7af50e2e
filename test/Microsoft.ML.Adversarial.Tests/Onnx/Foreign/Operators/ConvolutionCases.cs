using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Conv and ConvTranspose.</summary>
internal static class ConvolutionCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        Conv("with padding", 7, [6, 4, 3, 3], hasBias: true, Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1), Wholes("strides", 1, 1), Wholes("dilations", 1, 1), Whole("group", 1)),
        Conv("with padding", 11, [6, 4, 3, 3], hasBias: true, Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1)),
        Conv("with padding", 22, [6, 4, 3, 3], hasBias: true, Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1)),
        Conv("without bias, strides or kernel_shape", 11, [6, 4, 3, 3], hasBias: false),
        Conv("of single pixels", 11, [6, 4, 1, 1], hasBias: true),
        Conv("of a row", 11, [6, 4, 1, 3], hasBias: true, Wholes("pads", 0, 1, 0, 1)),
        Conv("with two groups", 11, [6, 2, 3, 3], hasBias: true, Whole("group", 2)),
        Conv("by channel", 11, [4, 1, 3, 3], hasBias: true, Whole("group", 4), Wholes("pads", 1, 1, 1, 1), Wholes("strides", 2, 2)),
        Conv("by channel, two outputs for each", 11, [8, 1, 3, 3], hasBias: false, Whole("group", 4)),
        Conv("with dilation", 11, [6, 4, 3, 3], hasBias: true, Wholes("dilations", 2, 3), Wholes("pads", 2, 3, 2, 3)),
        Conv("with unequal strides", 11, [6, 4, 3, 3], hasBias: true, Wholes("strides", 2, 3)),
        Conv("with unequal padding", 11, [6, 4, 3, 3], hasBias: true, Wholes("pads", 0, 1, 2, 3)),
        Conv("with unequal padding and strides", 7, [6, 4, 3, 3], hasBias: true, Wholes("pads", 1, 0, 0, 1), Wholes("strides", 2, 2)),
        Conv("with auto_pad NOTSET", 11, [6, 4, 3, 3], hasBias: true, Text("auto_pad", "NOTSET"), Wholes("pads", 1, 1, 1, 1)),
        Conv("with auto_pad VALID", 11, [6, 4, 3, 3], hasBias: true, Text("auto_pad", "VALID"), Wholes("strides", 2, 2)),
        Conv("with auto_pad SAME_UPPER", 11, [6, 4, 3, 3], hasBias: true, Text("auto_pad", "SAME_UPPER"), Wholes("strides", 2, 2)),
        Conv("with auto_pad SAME_LOWER", 11, [6, 4, 3, 3], hasBias: true, Text("auto_pad", "SAME_LOWER"), Wholes("strides", 2, 2)),
        Conv("with auto_pad SAME_UPPER and an even kernel", 7, [6, 4, 2, 4], hasBias: true, Text("auto_pad", "SAME_UPPER")),
        Conv("with auto_pad SAME_LOWER and an even kernel", 7, [6, 4, 2, 4], hasBias: true, Text("auto_pad", "SAME_LOWER")),
        // ONNX Runtime does not take auto_pad SAME_UPPER or SAME_LOWER together with dilation.
        OperatorCase.Of("Conv of a sequence", 11, [2, 3, 9], graph => graph.Node("Conv", ["x", graph.Weights(5, 3, 3), graph.Weights(5)], Wholes("pads", 1, 1))),
        OperatorCase.Of("Conv with computed weights", 11, [2, 4, 9, 8], graph => graph.Node("Conv", ["x", graph.Node("Transpose", [graph.Weights(4, 6, 3, 3)], Wholes("perm", 1, 0, 2, 3))])),
        Transposed("plain", 7, [4, 5, 3, 3], hasBias: true, Wholes("kernel_shape", 3, 3)),
        Transposed("with strides", 11, [4, 5, 2, 2], hasBias: false, Wholes("strides", 2, 2)),
        Transposed("with strides, padding and output_padding", 11, [4, 5, 3, 3], hasBias: true, Wholes("strides", 2, 2), Wholes("pads", 1, 1, 1, 1), Wholes("output_padding", 1, 1)),
        Transposed("with output_padding in one direction", 11, [4, 5, 3, 3], hasBias: true, Wholes("strides", 2, 3), Wholes("output_padding", 0, 2)),
        Transposed("with two groups", 11, [4, 3, 3, 3], hasBias: true, Whole("group", 2), Wholes("strides", 2, 2)),
        Transposed("with unequal padding", 11, [4, 5, 3, 3], hasBias: true, Wholes("pads", 0, 1, 1, 2), Wholes("strides", 2, 2)),
        Transposed("with dilation", 11, [4, 5, 3, 3], hasBias: true, Wholes("dilations", 2, 2)),
        Transposed("with auto_pad SAME_UPPER", 11, [4, 5, 3, 3], hasBias: true, Text("auto_pad", "SAME_UPPER"), Wholes("strides", 2, 2)),
        Transposed("with auto_pad SAME_LOWER", 11, [4, 5, 3, 3], hasBias: true, Text("auto_pad", "SAME_LOWER"), Wholes("strides", 2, 2)),
        Transposed("with output_shape", 11, [4, 5, 3, 3], hasBias: true, Wholes("output_shape", 10, 12), Wholes("strides", 2, 2)),
        Transposed("with strides", 22, [4, 5, 3, 3], hasBias: true, Wholes("strides", 2, 2)),
    ];

    private static OperatorCase Conv(string what, int opset, long[] weights, bool hasBias, params AttributeProto[] attributes) =>
        OperatorCase.Of($"Conv {what}", opset, [2, 4, 9, 8], graph => graph.Node("Conv", ["x", graph.Weights(weights), .. hasBias ? [graph.Weights(weights[0])] : Array.Empty<string>()], attributes));

    /// <summary>Weights are [inputs, outputs of a group, height, width].</summary>
    private static OperatorCase Transposed(string what, int opset, long[] weights, bool hasBias, params AttributeProto[] attributes)
    {
        var outputs = weights[1] * (attributes.FirstOrDefault(attribute => attribute.Name == "group")?.I ?? 1);
        return OperatorCase.Of(
            $"ConvTranspose {what}", opset, [2, 4, 5, 6], graph => graph.Node("ConvTranspose", ["x", graph.Weights(weights), .. hasBias ? [graph.Weights(outputs)] : Array.Empty<string>()], attributes));
    }
}
