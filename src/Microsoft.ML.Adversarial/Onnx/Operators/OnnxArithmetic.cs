using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators on each number by itself.</summary>
internal static class OnnxArithmetic
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Add"] = OnnxOperator.Of(Sum) with { MayLearn = true, MakesNew = true },
        ["Sub"] = OnnxOperator.Of(inputs => inputs[0].sub(inputs[1])) with { MakesNew = true },
        ["Mul"] = OnnxOperator.Of(inputs => inputs[0].mul(inputs[1])) with { MayLearn = true, MakesNew = true },
        ["Div"] = OnnxOperator.Of(inputs => AreWhole(inputs) ? inputs[0].div(inputs[1], RoundingMode.trunc) : inputs[0].div(inputs[1])),
        ["Pow"] = OnnxOperator.Of(inputs => inputs[0].pow(inputs[1]).to(inputs[0].dtype)),
        ["Mod"] = OnnxOperator.Of(node => Modulo(node.Flag("fmod", false))),
        ["Sum"] = OnnxOperator.Of(inputs => Pairwise(inputs, (first, second) => first.Plus(second))),
        ["Mean"] = OnnxOperator.Of(inputs => Pairwise(inputs, (first, second) => first.Plus(second)).Times(1.0 / inputs.Count)),
        ["Min"] = OnnxOperator.Of(inputs => Pairwise(inputs, (first, second) => minimum(first, second))),
        ["Max"] = OnnxOperator.Of(inputs => Pairwise(inputs, (first, second) => maximum(first, second))),
        ["Sqrt"] = OnnxOperator.OfOne(value => value.sqrt()),
        ["Reciprocal"] = OnnxOperator.OfOne(value => value.reciprocal()),
        ["Exp"] = OnnxOperator.OfOne(value => value.exp()),
        ["Log"] = OnnxOperator.OfOne(value => value.log()),
        ["Neg"] = OnnxOperator.OfOne(value => value.neg()),
        ["Abs"] = OnnxOperator.OfOne(value => value.abs()),
        ["Floor"] = OnnxOperator.OfOne(value => value.floor()),
        ["Ceil"] = OnnxOperator.OfOne(value => value.ceil()),
        ["Round"] = OnnxOperator.OfOne(value => value.round()),
        ["Sign"] = OnnxOperator.OfOne(value => value.sign()),
        ["Sin"] = OnnxOperator.OfOne(value => value.sin()),
        ["Cos"] = OnnxOperator.OfOne(value => value.cos()),
        ["Erf"] = OnnxOperator.OfOne(value => value.erf()),
        ["Equal"] = OnnxOperator.Of(inputs => inputs[0].eq(inputs[1])),
        ["Greater"] = OnnxOperator.Of(inputs => inputs[0].gt(inputs[1])),
        ["GreaterOrEqual"] = OnnxOperator.Of(inputs => inputs[0].ge(inputs[1])),
        ["Less"] = OnnxOperator.Of(inputs => inputs[0].lt(inputs[1])),
        ["LessOrEqual"] = OnnxOperator.Of(inputs => inputs[0].le(inputs[1])),
        ["Xor"] = OnnxOperator.Of(inputs => inputs[0].logical_xor(inputs[1])),
        ["Not"] = OnnxOperator.OfOne(value => value.logical_not()),
        ["And"] = OnnxOperator.Of(inputs => inputs[0].logical_and(inputs[1])),
        ["Or"] = OnnxOperator.Of(inputs => inputs[0].logical_or(inputs[1])),
        ["Where"] = OnnxOperator.Of(inputs => where(inputs[0], inputs[1], inputs[2])),
        ["Cast"] = OnnxOperator.Of(node => Cast(node, node.Whole("to", 0))),
        ["CastLike"] = OnnxOperator.Of(inputs => inputs[0].to(inputs[1].dtype)),
        ["Identity"] = OnnxOperator.OfOne(value => value),
        // As a trained network is used, nothing is dropped.
        ["Dropout"] = new OnnxOperator(_ => inputs => [inputs[0], ones_like(inputs[0]).to(@bool)]),
    };

    /// <summary>Whether both are whole numbers, of which the processor ends the process where 0 divides, or -1 the least.</summary>
    private static bool AreWhole(StepInputs inputs)
    {
        var (number, divisor) = (inputs[0], inputs[1]);
        if (number.is_floating_point() || divisor.is_floating_point())
            return false;
        using var scope = NewDisposeScope();
        if (divisor.numel() > 0 && number.numel() > 0 && (divisor.count_nonzero().item<long>() < divisor.numel() || number.to(int64).min().item<long>() == long.MinValue))
            throw new InvalidDataException($"a division by 0, or of {long.MinValue}; expected a quotient that is a number");
        return true;
    }

    private static Func<StepInputs, Tensor> Modulo(bool hasSignOfNumber) => inputs =>
    {
        _ = AreWhole(inputs);
        return hasSignOfNumber ? inputs[0].fmod(inputs[1]) : inputs[0].remainder(inputs[1]);
    };

    private static Tensor Sum(StepInputs inputs)
    {
        var (first, second) = (inputs[0], inputs[1]);
        return inputs.MayOverwrite && first.dtype == second.dtype && first.shape.AsSpan().SequenceEqual(second.shape) ? first.AddInPlace(second) : first.Plus(second);
    }

    private static Tensor Pairwise(StepInputs inputs, Func<Tensor, Tensor, Tensor> combine) =>
        inputs.All.Aggregate(combine);

    private static Func<StepInputs, Tensor> Cast(OnnxNode node, long to)
    {
        // Numbers are float32 or int64 inside, whatever a file calls them.
        ScalarType? type = (TensorProto.Types.DataType)to switch
        {
            TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Bfloat16 => null,
            TensorProto.Types.DataType.Bool => @bool,
            TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Int16 or TensorProto.Types.DataType.Int8
                or TensorProto.Types.DataType.Uint8 or TensorProto.Types.DataType.Uint16 or TensorProto.Types.DataType.Uint32 or TensorProto.Types.DataType.Uint64 => int64,
            var other => throw node.Refuse($"to {other}", "a type of numbers"),
        };
        return inputs => type is { } given ? inputs[0].to(given) : inputs[0].is_floating_point() ? inputs[0] : inputs[0].to(float32);
    }
}
