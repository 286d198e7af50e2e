using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>What normalises.</summary>
internal static class NormalizationCases
{
    private static readonly long[] Images = [2, 6, 5, 4];

    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. new[] { 7, 9, 14, 15 }.Select(opset => Batch("", opset, Images)),
        Batch(" with epsilon and momentum", 7, Images, Real("epsilon", 0.1f), Real("momentum", 0.9f)),
        Batch(" with spatial", 7, Images, Whole("spatial", 1)),
        Batch(" with epsilon and momentum", 9, Images, Real("epsilon", 0.1f), Real("momentum", 0.9f)),
        Batch(" with training_mode 0", 15, Images, Real("epsilon", 0.1f), Whole("training_mode", 0)),
        Batch(" of vectors", 9, [4, 6]),
        Batch(" of sequences", 15, [2, 6, 5]),
        OperatorCase.Of("BatchNormalization between nodes", 13, Images, graph => graph.Node("Relu", [graph.Node("BatchNormalization", [graph.Node("Neg", ["x"]), graph.Positive(6), graph.Weights(6), graph.Weights(6), graph.Positive(6)])])),
        Instance("", 7, Images),
        Instance(" with epsilon", 7, Images, Real("epsilon", 0.1f)),
        Instance(" of sequences", 7, [2, 6, 5]),
        Instance("", 22, Images),
        Group("in two groups", 18, 2, Real("epsilon", 0.1f)),
        Group("in two groups", 21, 6, Real("epsilon", 0.1f)),
        OperatorCase.Of("GroupNormalization as PyTorch writes it", 13, Images, graph => graph.Node("Add", [
            graph.Node("Mul", [
                graph.Node("Reshape", [
                    graph.Node("InstanceNormalization", [graph.Node("Reshape", ["x", graph.Wholes(0, 2, -1)]), graph.Reals([2], 1, 1), graph.Reals([2], 0, 0)], Real("epsilon", 1e-5f)),
                    graph.Node("Shape", ["x"])]),
                graph.Weights(6, 1, 1)]),
            graph.Weights(6, 1, 1)])),
        Layer("over the last axis", [4], hasBias: true),
        Layer("over two axes", [5, 4], hasBias: true, Whole("axis", 2)),
        Layer("over three axes", [6, 5, 4], hasBias: true, Whole("axis", -3)),
        Layer("without bias", [4], hasBias: false, Whole("axis", -1), Real("epsilon", 0.1f)),
        Local("", 7, Whole("size", 3)),
        Local(" with all numbers", 7, Whole("size", 5), Real("alpha", 0.5f), Real("beta", 0.6f), Real("bias", 1.5f)),
        Local(" with all numbers", 13, Whole("size", 5), Real("alpha", 0.5f), Real("beta", 0.6f), Real("bias", 1.5f)),
        OperatorCase.Of("LpNormalization", 7, Images, graph => graph.Node("LpNormalization", ["x"], Whole("axis", 1), Whole("p", 2))),
        OperatorCase.Of("LpNormalization with p 1", 7, Images, graph => graph.Node("LpNormalization", ["x"], Whole("axis", -1), Whole("p", 1))),
        OperatorCase.Of("MeanVarianceNormalization", 13, Images, graph => graph.Node("MeanVarianceNormalization", ["x"], Wholes("axes", 0, 2, 3))),
    ];

    private static OperatorCase Batch(string what, int opset, long[] shape, params AttributeProto[] attributes) => OperatorCase.Of(
        $"BatchNormalization{what}", opset, shape, graph => graph.Node("BatchNormalization", ["x", graph.Positive(6), graph.Weights(6), graph.Weights(6), graph.Positive(6)], attributes));

    private static OperatorCase Instance(string what, int opset, long[] shape, params AttributeProto[] attributes) =>
        OperatorCase.Of($"InstanceNormalization{what}", opset, shape, graph => graph.Node("InstanceNormalization", ["x", graph.Positive(6), graph.Weights(6)], attributes));

    /// <summary>Opset 18 scales by group, 21 by channel.</summary>
    private static OperatorCase Group(string what, int opset, int scales, params AttributeProto[] attributes) =>
        OperatorCase.Of($"GroupNormalization {what}", opset, Images, graph => graph.Node("GroupNormalization", ["x", graph.Positive(scales), graph.Weights(scales)], [Whole("num_groups", 2), .. attributes]));

    private static OperatorCase Layer(string what, long[] scales, bool hasBias, params AttributeProto[] attributes) => OperatorCase.Of(
        $"LayerNormalization {what}", 17, Images, graph => graph.Node("LayerNormalization", ["x", graph.Positive(scales), .. hasBias ? [graph.Weights(scales)] : Array.Empty<string>()], attributes));

    private static OperatorCase Local(string what, int opset, params AttributeProto[] attributes) => OperatorCase.Of($"LRN{what}", opset, Images, graph => graph.Node("LRN", ["x"], attributes));
}
