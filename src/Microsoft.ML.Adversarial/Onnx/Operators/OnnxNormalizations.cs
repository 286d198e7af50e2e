using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators that normalise.</summary>
internal static class OnnxNormalizations
{
    private const float UsualEpsilon = 1e-5f;

    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["BatchNormalization"] = OnnxOperator.Of(Batch) with { Weights = [1, 2], MakesNew = true, IsBatchNormalization = true },
        ["InstanceNormalization"] = OnnxOperator.Of(Instance) with { Weights = [1, 2], MakesNew = true },
        ["GroupNormalization"] = OnnxOperator.Of(Group) with { Weights = [1, 2], MakesNew = true, Numbers = node => inputs => Math.Max(inputs[0].numel(), (double)inputs[1].numel() * inputs[0].shape[1]) },
        ["LayerNormalization"] = OnnxOperator.Of(Layer) with { Weights = [1, 2], MakesNew = true },
        ["MeanVarianceNormalization"] = OnnxOperator.Of(MeanVariance),
        ["LpNormalization"] = OnnxOperator.Of(Length),
        ["LRN"] = OnnxOperator.Of(LocalResponse) with { Numbers = node => inputs => 3.0 * inputs[0].numel() },
        ["Softmax"] = OnnxOperator.Of(node => Softmax(node, (values, axis) => functional.softmax(values, axis))),
        ["LogSoftmax"] = OnnxOperator.Of(node => Softmax(node, (values, axis) => functional.log_softmax(values, axis))),
    };

    private static Func<StepInputs, Tensor> Batch(OnnxNode node)
    {
        var epsilon = node.Real("epsilon", UsualEpsilon);
        if (node.Whole("spatial", 1) != 1)
            throw node.Refuse("spatial 0", "statistics of channels");
        return inputs => functional.batch_norm(inputs[0], inputs[3], inputs[4], inputs[1], inputs[2], training: false, eps: epsilon);
    }

    private static Func<StepInputs, Tensor> Instance(OnnxNode node)
    {
        var epsilon = node.Real("epsilon", UsualEpsilon);
        return inputs => functional.instance_norm(inputs[0], weight: inputs[1], bias: inputs[2], eps: epsilon);
    }

    private static Func<StepInputs, Tensor> Group(OnnxNode node)
    {
        var epsilon = node.Real("epsilon", UsualEpsilon);
        var groups = node.Whole("num_groups", 1, 1, 65_536);
        return inputs =>
        {
            var (values, scale, shift) = (inputs[0], inputs[1], inputs[2]);
            // Until version 21 a scale and a shift for each group, since then for each channel.
            if (!node.IsSince(21))
                (scale, shift) = (ForChannels(scale), ForChannels(shift));
            return functional.group_norm(values, groups, scale, shift, epsilon);

            Tensor ForChannels(Tensor numbers) => numbers.repeat_interleave(values.shape[1] / groups);
        };
    }

    private static Func<StepInputs, Tensor> Layer(OnnxNode node)
    {
        var (axis, epsilon) = (node.Whole("axis", -1), node.Real("epsilon", UsualEpsilon));
        if (node.Outputs.Skip(1).Any(output => output.Length > 0))
            throw node.Refuse("means and deviations among its results", "the normalised values alone");
        return inputs =>
        {
            var values = inputs[0];
            var normalized = values.shape[(int)OnnxSizes.Axis(axis, values)..];
            var (scale, shift) = (inputs[1], inputs.Find(2));
            return functional.layer_norm(values, normalized, scale.expand(normalized), shift?.expand(normalized), epsilon);
        };
    }

    private static Func<StepInputs, Tensor> MeanVariance(OnnxNode node)
    {
        var axes = node.Wholes("axes")?.ToArray() ?? [0, 2, 3];
        return inputs =>
        {
            var centred = inputs[0].sub(inputs[0].mean(axes, true));
            return centred.div(centred.mul(centred).mean(axes, true).sqrt().Plus(1e-9));
        };
    }

    private static Func<StepInputs, Tensor> Length(OnnxNode node)
    {
        var (axis, power) = (node.Whole("axis", -1), node.Whole("p", 2, 1, 2));
        return inputs => power == 1
            ? inputs[0].div(inputs[0].abs().sum([axis], keepdim: true))
            : inputs[0].div(inputs[0].mul(inputs[0]).sum([axis], keepdim: true).sqrt());
    }

    /// <summary>x / (bias + alpha/size sum of squares of the channels around)^beta.</summary>
    private static Func<StepInputs, Tensor> LocalResponse(OnnxNode node)
    {
        var (alpha, beta, bias) = (node.Real("alpha", 1e-4f), node.Real("beta", 0.75f), node.Real("bias", 1));
        var size = node.Whole("size", 0, 1, 4096);
        return inputs =>
        {
            var values = inputs[0];
            // For even sizes one more channel behind than before; farther away than there are channels there is none.
            var (before, behind) = (Math.Min((size - 1) / 2, values.shape[1]), Math.Min(size / 2, values.shape[1]));
            var squares = functional.pad(values.mul(values).unsqueeze(1), [0, 0, 0, 0, before, behind]).squeeze(1);
            var sum = squares.narrow(1, 0, values.shape[1]);
            for (var next = 1L; next <= before + behind; next++)
                sum = sum.Plus(squares.narrow(1, next, values.shape[1]));
            return values.div(sum.Times(alpha / size).Plus(bias).ToThePower(beta));
        };
    }

    /// <summary>Until version 13 over all dimensions from the axis on, which is 1 unless stated; since then over the axis alone, the last unless stated.</summary>
    private static Func<StepInputs, Tensor> Softmax(OnnxNode node, Func<Tensor, long, Tensor> softmax)
    {
        var axis = node.Whole("axis", node.IsSince(13) ? -1 : 1);
        return inputs =>
        {
            var values = inputs[0];
            if (node.IsSince(13))
                return softmax(values, axis);
            var from = (int)OnnxSizes.Axis(axis, values);
            return softmax(values.flatten(from), from).view_as(values);
        };
    }
}
