using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A node of a file as a step of a graph.</summary>
internal sealed class OnnxOperation(OnnxNode node, OnnxOperator entry) : GraphOperation
{
    private const float UsualEpsilon = 1e-5f;

    private readonly Func<StepInputs, IReadOnlyList<Tensor>> kernel = entry.Read(node);

    /// <summary>What the file says.</summary>
    public NodeProto Proto => node.Proto;

    /// <summary>The version of its operator that the file was written for.</summary>
    public long OperatorSet => node.OperatorSet;

    public override IReadOnlyCollection<int> HostInputs => entry.HostInputs;

    public override IReadOnlyCollection<int> Weights => entry.Weights;

    public override bool MayLearn => entry.MayLearn;

    public override int? Kernels => entry.Kernels;

    public override bool MakesNew => entry.MakesNew;

    public override double? NormalizationEpsilon => entry.IsBatchNormalization ? node.Real("epsilon", UsualEpsilon) : null;

    public override int? LinearInput(Func<int, bool> isConstant) => node.Operation switch
    {
        "Conv" or "Gemm" when isConstant(1) => 0,
        "MatMul" when isConstant(1) => 0,
        "MatMul" when isConstant(0) => 1,
        _ => null,
    };

    /// <inheritdoc cref="OnnxOperator.IsOfSizes"/>
    public bool IsOfSizes => entry.IsOfSizes;

    /// <inheritdoc cref="OnnxOperator.Numbers"/>
    public double Numbers(StepInputs inputs) => entry.Numbers(node)(inputs);

    public override IReadOnlyList<Tensor> Run(StepInputs inputs) => kernel(inputs);

    /// <summary>Of a convolution: its kernels for each pixel of its result; of a product: one for each number of a row.</summary>
    public override long MultiplyAdds(IReadOnlyList<long[]> inputs, long[] output)
    {
        var numbers = output.Aggregate(1L, (product, size) => product * size);
        return node.Operation switch
        {
            "Conv" => numbers * inputs[1][1..].Aggregate(1L, (product, size) => product * size),
            "ConvTranspose" => inputs[0].Aggregate(1L, (product, size) => product * size) * inputs[1][1..].Aggregate(1L, (product, size) => product * size),
            "MatMul" => numbers * inputs[0][^1],
            "Gemm" => numbers * inputs[0][node.Whole("transA", 0) == 1 ? 0 : ^1],
            _ => 0,
        };
    }

    /// <summary>What it takes to make so many numbers, in multiplications and additions.</summary>
    public double Work(StepInputs inputs, double numbers) => node.Operation switch
    {
        "Conv" or "ConvTranspose" or "MatMul" or "Gemm" => MultiplyAdds([.. inputs.Values.Select(value => value?.shape ?? [])], [(long)numbers]),
        "MaxPool" or "AveragePool" => numbers * (node.Wholes("kernel_shape") ?? []).Aggregate(1.0, (product, size) => product * size),
        "Einsum" => OnnxNumbers.EinsteinWork(node)(inputs),
        _ => numbers,
    };

    public InvalidDataException Refuse(string what, Exception cause) => node.Refuse(what, cause);

    public InvalidDataException Refuse(string what, string expected) => node.Refuse(what, expected);

    public override string ToString() => $"{node}";
}
