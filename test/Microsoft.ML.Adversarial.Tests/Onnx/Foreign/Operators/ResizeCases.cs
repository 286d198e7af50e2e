using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Resize and Upsample.</summary>
internal static class ResizeCases
{
    private static readonly long[] Images = [2, 3, 4, 5];

    private static readonly float[] Twice = [1, 1, 2, 2];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { "nearest", "linear" }.SelectMany(mode => (OperatorCase[])
        [
            OperatorCase.Of($"Upsample {mode}", 7, Images, graph => graph.Node("Upsample", ["x"], Text("mode", mode), Reals("scales", 1, 1, 2, 3))),
            OperatorCase.Of($"Upsample {mode}", 9, Images, graph => graph.Node("Upsample", ["x", graph.Reals([4], 1, 1, 2, 3)], Text("mode", mode))),
            OperatorCase.Of($"Resize {mode}", 10, Images, graph => graph.Node("Resize", ["x", graph.Reals([4], 1, 1, 2, 3)], Text("mode", mode))),
            OperatorCase.Of($"Resize {mode} to less", 10, Images, graph => graph.Node("Resize", ["x", graph.Reals([4], 1, 1, 0.5f, 0.6f)], Text("mode", mode))),
        ]),
        .. new[] { 11, 13, 18, 19 }.SelectMany(opset => (OperatorCase[])
        [
            Resize("as PyTorch enlarges to the nearest", opset, Twice, "nearest", "asymmetric", Text("nearest_mode", "floor")),
            Resize("to the nearest by default", opset, Twice, "nearest", "half_pixel", Text("nearest_mode", "round_prefer_floor")),
            Resize("linear", opset, Twice, "linear", "half_pixel"),
            Resize("linear with corners that stay", opset, Twice, "linear", "align_corners"),
            Resize("linear, asymmetric", opset, Twice, "linear", "asymmetric"),
            Resize("linear as PyTorch enlarges", opset, Twice, "linear", "pytorch_half_pixel"),
        ]),
        Resize("linear by unequal scales", 13, [1, 1, 1.5f, 2.4f], "linear", "half_pixel"),
        Resize("linear to less", 13, [1, 1, 0.5f, 0.6f], "linear", "half_pixel"),
        Resize("to the nearest, less", 13, [1, 1, 0.5f, 0.6f], "nearest", "asymmetric", Text("nearest_mode", "floor")),
        Resize("to the nearest, half_pixel, less", 13, [1, 1, 0.5f, 0.6f], "nearest", "half_pixel", Text("nearest_mode", "round_prefer_floor")),
        Resize("to the nearest above", 13, [1, 1, 1.5f, 2.4f], "nearest", "asymmetric", Text("nearest_mode", "ceil")),
        Resize("to the nearest, halves up", 13, [1, 1, 1.5f, 2.4f], "nearest", "half_pixel", Text("nearest_mode", "round_prefer_ceil")),
        Resize("to the nearest with corners that stay", 13, [1, 1, 1.5f, 2.4f], "nearest", "align_corners", Text("nearest_mode", "floor")),
        Resize("cubic", 13, Twice, "cubic", "half_pixel", Real("cubic_coeff_a", -0.75f)),
        Resize("cubic with corners that stay", 13, Twice, "cubic", "align_corners"),
        Sizes("nearest", 11, [2, 3, 7, 9], "asymmetric", Text("nearest_mode", "floor")),
        Sizes("nearest", 13, [2, 3, 7, 9], "asymmetric", Text("nearest_mode", "floor")),
        Sizes("linear", 11, [2, 3, 7, 9], "half_pixel"),
        Sizes("linear", 13, [2, 3, 7, 9], "align_corners"),
        Sizes("linear", 18, [2, 3, 7, 9], "pytorch_half_pixel"),
        Sizes("linear", 19, [2, 3, 1, 1], "pytorch_half_pixel"),
        OperatorCase.Of("Resize of axes", 18, Images, graph => graph.Node("Resize", ["x", "", graph.Reals([2], 2, 3)], Text("mode", "linear"), Wholes("axes", 2, 3))),
        OperatorCase.Of("Resize to a computed size", 13, Images, graph => graph.Node("Resize", ["x", "", "", graph.Node("Mul", [graph.Node("Shape", ["x"]), graph.Wholes(1, 1, 2, 2)])], Text("mode", "linear"))),
        OperatorCase.Of("Resize with empty roi and scales", 11, Images, graph => graph.Node(
            "Resize", ["x", graph.Reals([0]), graph.Reals([0]), graph.Wholes(2, 3, 8, 10)], Text("mode", "nearest"), Text("coordinate_transformation_mode", "asymmetric"), Text("nearest_mode", "floor"))),
    ];

    private static OperatorCase Resize(string what, int opset, float[] scales, string mode, string coordinates, params AttributeProto[] attributes) => OperatorCase.Of(
        $"Resize {what}", opset, Images, graph => graph.Node("Resize", ["x", Region(graph, opset), graph.Reals([4], scales)], [Text("mode", mode), Text("coordinate_transformation_mode", coordinates), .. attributes]));

    private static OperatorCase Sizes(string mode, int opset, long[] sizes, string coordinates, params AttributeProto[] attributes) => OperatorCase.Of(
        $"Resize {mode} to sizes {string.Join(" x ", sizes[2..])}, {coordinates}", opset, Images, graph => graph.Node(
            "Resize", ["x", Region(graph, opset), opset < 13 ? graph.Reals([0]) : "", graph.Wholes(sizes)], [Text("mode", mode), Text("coordinate_transformation_mode", coordinates), .. attributes]));

    /// <summary>Only opset 13 allows to leave it out.</summary>
    private static string Region(OperatorGraph graph, int opset) => opset < 13 ? graph.Reals([0]) : "";
}
