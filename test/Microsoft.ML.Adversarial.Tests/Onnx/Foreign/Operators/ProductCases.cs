using Microsoft.ML.Adversarial.Onnx.Format;
using static Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators.OperatorAttributes;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Gemm, MatMul and Einsum.</summary>
internal static class ProductCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        Gemm("plain", 7, [5, 3], [3]),
        Gemm("as PyTorch writes it", 7, [3, 5], [3], Whole("transB", 1), Real("alpha", 1), Real("beta", 1)),
        Gemm("with factors", 9, [3, 5], [3], Whole("transB", 1), Real("alpha", 0.5f), Real("beta", 2)),
        Gemm("with C as a matrix", 11, [5, 3], [4, 3], Real("beta", -0.5f)),
        Gemm("with C as a column", 11, [5, 3], [4, 1]),
        Gemm("with C as a number", 11, [5, 3], []),
        Gemm("without C", 11, [5, 3], bias: null, Real("alpha", 2)),
        Gemm("with factors", 13, [3, 5], [3], Whole("transB", 1), Real("alpha", 0.5f), Real("beta", 2)),
        OperatorCase.Of("Gemm with transA", 11, [5, 4], graph => graph.Node("Gemm", ["x", graph.Weights(5, 3), graph.Weights(3)], Whole("transA", 1))),
        OperatorCase.Of("Gemm with transA and transB", 13, [5, 4], graph => graph.Node("Gemm", ["x", graph.Weights(3, 5), graph.Weights(3)], Whole("transA", 1), Whole("transB", 1))),
        OperatorCase.Of("Gemm of a constant with x", 11, [5, 4], graph => graph.Node("Gemm", [graph.Weights(3, 5), "x"])),
        OperatorCase.Of("Gemm with x as C", 11, [3], graph => graph.Node("Gemm", [graph.Weights(4, 5), graph.Weights(5, 3), "x"], Real("beta", 1.5f))),
        .. new[] { 7, 9, 13 }.Select(opset => MatMul("of matrices", opset, [4, 5], [5, 3])),
        MatMul("of a batch with one matrix", 9, [2, 3, 4, 5], [5, 6]),
        MatMul("of a batch with a batch", 13, [2, 3, 4, 5], [2, 3, 5, 6]),
        MatMul("of a batch with a smaller one", 13, [2, 3, 4, 5], [3, 5, 6]),
        MatMul("of a matrix with a batch", 13, [4, 5], [2, 3, 5, 6]),
        MatMul("of a batch with a vector", 13, [2, 4, 5], [5]),
        OperatorCase.Of("MatMul of a vector with a batch", 13, [5], graph => graph.Node("MatMul", ["x", graph.Weights(2, 5, 3)])),
        OperatorCase.Of("MatMul of a constant with x", 13, [2, 5, 3], graph => graph.Node("MatMul", [graph.Weights(4, 5), "x"])),
        OperatorCase.Of("MatMul of x with itself turned", 13, [2, 3, 4], graph => graph.Node("MatMul", ["x", graph.Node("Transpose", ["x"], Wholes("perm", 0, 2, 1))])),
        Einsum("bij,bjk->bik", [2, 3, 4], [2, 4, 5]),
        Einsum("bhid,bhjd->bhij", [2, 3, 4, 5], [2, 3, 6, 5]),
        Einsum("bhij,bhjd->bhid", [2, 3, 4, 5], [2, 3, 5, 6]),
        Einsum("bnc,dc->bnd", [2, 4, 5], [3, 5]),
        Einsum("ij,jk", [3, 4], [4, 5]),
        Einsum("b h w c , k c -> b k h w", [2, 3, 3, 4], [5, 4]),
        Einsum("...ij,...jk->...ik", [2, 3, 4], [2, 4, 5]),
        Einsum("bij->bji", [2, 3, 4]),
        Einsum("bij->bi", [2, 3, 4]),
        Einsum("bii->bi", [2, 3, 3]),
    ];

    private static OperatorCase Gemm(string what, int opset, long[] weights, long[]? bias, params AttributeProto[] attributes) =>
        OperatorCase.Of($"Gemm {what}", opset, [4, 5], graph => graph.Node("Gemm", ["x", graph.Weights(weights), .. bias is null ? Array.Empty<string>() : [graph.Weights(bias)]], attributes));

    private static OperatorCase MatMul(string what, int opset, long[] shape, long[] weights) =>
        OperatorCase.Of($"MatMul {what}", opset, shape, graph => graph.Node("MatMul", ["x", graph.Weights(weights)]));

    private static OperatorCase Einsum(string equation, long[] shape, long[]? weights = null) =>
        OperatorCase.Of($"Einsum {equation}", 12, shape, graph => graph.Node("Einsum", ["x", .. weights is null ? Array.Empty<string>() : [graph.Weights(weights)]], Text("equation", equation)));
}
