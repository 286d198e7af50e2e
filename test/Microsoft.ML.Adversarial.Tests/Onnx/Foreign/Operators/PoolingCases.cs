using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>MaxPool, AveragePool, and both over whole images.</summary>
internal static class PoolingCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { 7, 8, 10, 11, 12, 22 }.Select(opset => Max("with strides", opset, Wholes("kernel_shape", 2, 2), Wholes("strides", 2, 2))),
        Max("without strides", 7, Wholes("kernel_shape", 3, 2)),
        Max("with padding", 7, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Wholes("pads", 1, 1, 1, 1)),
        Max("with unequal padding", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Wholes("pads", 0, 1, 2, 0)),
        Max("with ceil_mode", 10, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Whole("ceil_mode", 1)),
        Max("with ceil_mode and padding", 12, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 3), Wholes("pads", 1, 1, 1, 1), Whole("ceil_mode", 1)),
        Max("with ceil_mode where the last window begins in the padding", 12, Wholes("kernel_shape", 2, 2), Wholes("strides", 4, 4), Wholes("pads", 0, 1, 0, 1), Whole("ceil_mode", 1)),
        Max("with dilation", 10, Wholes("kernel_shape", 3, 2), Wholes("dilations", 2, 3)),
        Max("with dilation, padding and strides", 12, Wholes("kernel_shape", 3, 3), Wholes("dilations", 2, 2), Wholes("pads", 1, 1, 1, 1), Wholes("strides", 2, 1)),
        Max("with auto_pad SAME_UPPER", 7, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Text("auto_pad", "SAME_UPPER")),
        Max("with auto_pad SAME_LOWER", 11, Wholes("kernel_shape", 2, 2), Wholes("strides", 1, 1), Text("auto_pad", "SAME_LOWER")),
        Max("with auto_pad VALID", 12, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Text("auto_pad", "VALID")),
        .. new[] { 7, 10, 11, 19, 22 }.Select(opset => Average("with strides", opset, Wholes("kernel_shape", 2, 2), Wholes("strides", 2, 2))),
        Average("with padding that does not count", 7, Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1)),
        Average("with padding that counts", 7, Wholes("kernel_shape", 3, 3), Wholes("pads", 1, 1, 1, 1), Whole("count_include_pad", 1)),
        Average("with unequal padding that does not count", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Wholes("pads", 0, 1, 2, 0), Whole("count_include_pad", 0)),
        Average("with unequal padding that counts", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Wholes("pads", 0, 1, 2, 0), Whole("count_include_pad", 1)),
        Average("with ceil_mode", 10, Wholes("kernel_shape", 3, 3), Wholes("strides", 3, 2), Whole("ceil_mode", 1)),
        Average("with ceil_mode", 19, Wholes("kernel_shape", 3, 3), Wholes("strides", 3, 2), Whole("ceil_mode", 1)),
        Average("with ceil_mode and padding that does not count", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 3), Wholes("pads", 1, 1, 1, 1), Whole("ceil_mode", 1)),
        Average("with ceil_mode and padding that counts", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 3), Wholes("pads", 1, 1, 1, 1), Whole("ceil_mode", 1), Whole("count_include_pad", 1)),
        Average("with ceil_mode and padding that counts", 19, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 3), Wholes("pads", 1, 1, 1, 1), Whole("ceil_mode", 1), Whole("count_include_pad", 1)),
        Average("with dilation", 19, Wholes("kernel_shape", 3, 2), Wholes("dilations", 2, 2)),
        Average("with auto_pad SAME_UPPER", 7, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Text("auto_pad", "SAME_UPPER")),
        Average("with auto_pad SAME_UPPER that counts", 11, Wholes("kernel_shape", 3, 3), Wholes("strides", 2, 2), Text("auto_pad", "SAME_UPPER"), Whole("count_include_pad", 1)),
        Average("with auto_pad SAME_LOWER", 11, Wholes("kernel_shape", 2, 2), Text("auto_pad", "SAME_LOWER")),
        .. new[] { "GlobalAveragePool", "GlobalMaxPool" }.SelectMany(operation => (OperatorCase[])
        [
            .. OperatorCase.Over([7, 22], operation, [2, 3, 7, 8], graph => graph.Node(operation, ["x"])),
            OperatorCase.Of($"{operation} of sequences", 7, [2, 3, 7], graph => graph.Node(operation, ["x"])),
        ]),
    ];

    private static OperatorCase Max(string what, int opset, params AttributeProto[] attributes) =>
        OperatorCase.Of($"MaxPool {what}", opset, [2, 3, 7, 8], graph => graph.Node("MaxPool", ["x"], attributes));

    private static OperatorCase Average(string what, int opset, params AttributeProto[] attributes) =>
        OperatorCase.Of($"AveragePool {what}", opset, [2, 3, 7, 8], graph => graph.Node("AveragePool", ["x"], attributes));
}
