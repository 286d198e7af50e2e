using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators that make one number of many.</summary>
internal static class OnnxPools
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["MaxPool"] = OnnxOperator.Of(Largest) with { MakesNew = true, Numbers = Padded },
        ["AveragePool"] = OnnxOperator.Of(Average) with { MakesNew = true, Numbers = Padded },
        ["GlobalAveragePool"] = OnnxOperator.Of(inputs => Mean(inputs[0], [.. Images(inputs[0])], true)),
        ["GlobalMaxPool"] = OnnxOperator.Of(inputs => inputs[0].amax([.. Images(inputs[0])], true)),
        ["ReduceMean"] = Reduction(18, Mean),
        ["ReduceSum"] = Reduction(13, (value, axes, keeps) => value.sum(axes, keeps)),
        ["ReduceMax"] = Reduction(18, (value, axes, keeps) => value.amax(axes, keeps)),
        ["ReduceMin"] = Reduction(18, (value, axes, keeps) => value.amin(axes, keeps)),
        ["ReduceProd"] = Reduction(18, Product),
        ["ReduceL1"] = Reduction(18, (value, axes, keeps) => value.abs().sum(axes, keeps)),
        ["ReduceL2"] = Reduction(18, (value, axes, keeps) => value.mul(value).sum(axes, keeps).sqrt()),
        ["ReduceSumSquare"] = Reduction(18, (value, axes, keeps) => value.mul(value).sum(axes, keeps)),
        ["ReduceLogSum"] = Reduction(18, (value, axes, keeps) => value.sum(axes, keeps).log()),
        ["ReduceLogSumExp"] = Reduction(18, LogOfSum),
        ["ArgMax"] = OnnxOperator.Of(node => Position(node, (value, axis, keeps) => value.argmax(axis, keeps))),
        ["ArgMin"] = OnnxOperator.Of(node => Position(node, (value, axis, keeps) => value.argmin(axis, keeps))),
    };

    private static IEnumerable<long> Images(Tensor value) => Enumerable.Range(2, Math.Max(0, (int)value.dim() - 2)).Select(axis => (long)axis);

    /// <summary>From bfloat16 in float32, as in networks that are laid out here.</summary>
    private static Tensor Mean(Tensor value, long[] axes, bool keeps) => value.mean(axes, keeps, value.dtype == bfloat16 ? float32 : value.dtype);

    private static Tensor Product(Tensor value, long[] axes, bool keeps)
    {
        var result = axes.OrderDescending().Aggregate(value, (rest, axis) => rest.prod(axis, keepdim: true));
        return keeps ? result : result.reshape([.. value.shape.Where((_, axis) => !axes.Contains(axis))]);
    }

    private static Tensor LogOfSum(Tensor value, long[] axes, bool keeps)
    {
        var largest = value.amax(axes, true);
        var result = value.sub(largest).exp().sum(axes, true).log().Plus(largest);
        return keeps ? result : result.reshape([.. value.shape.Where((_, axis) => !axes.Contains(axis))]);
    }

    /// <param name="inputSince">The version that made the axes an input.</param>
    /// <param name="reduce">Of at least one axis, each counted from the front.</param>
    private static OnnxOperator Reduction(long inputSince, Func<Tensor, long[], bool, Tensor> reduce) => OnnxOperator.Of(node =>
    {
        var (keeps, isEmptyNone) = (node.Flag("keepdims", true), node.Flag("noop_with_empty_axes", false));
        return inputs =>
        {
            var value = inputs[0];
            var axes = OnnxSizes.Axes(node, inputSince, 1, inputs) ?? [];
            // Over nothing: of each number by itself.
            if (axes.Length == 0 && isEmptyNone || value.dim() == 0)
                return reduce(value.unsqueeze(-1), [value.dim()], false);
            return reduce(value, axes.Length == 0 ? [.. Enumerable.Range(0, (int)value.dim()).Select(axis => (long)axis)] : [.. axes.Select(axis => OnnxSizes.Axis(axis, value))], keeps);
        };
    }) with
    { HostInputs = [1] };

    private static Func<StepInputs, Tensor> Position(OnnxNode node, Func<Tensor, long, bool, Tensor> find)
    {
        var (axis, keeps) = (node.Whole("axis", 0), node.Flag("keepdims", true));
        if (!node.Flag("select_last_index", false))
            return inputs => find(inputs[0], axis, keeps);
        return inputs => find(inputs[0].flip(axis), axis, keeps).neg().Plus(OnnxSizes.ToTensor([inputs[0].shape[(int)OnnxSizes.Axis(axis, inputs[0])] - 1]).to(inputs[0].device));
    }

    private static Func<StepInputs, Tensor> Largest(OnnxNode node)
    {
        var window = OnnxWindow.Read(node, hasKernel: true);
        if (node.Outputs.Skip(1).Any(output => output.Length > 0))
            throw node.Refuse("positions among its results", "the largest values alone");
        return inputs =>
        {
            var images = CheckIsImage(inputs[0]);
            var margins = window.Margins(images, window.Kernel);
            var more = window.Ends(images, window.Kernel, margins);
            if (OnnxWindow.AreEqual(margins) && more is [0, 0] && margins[0] <= window.Kernel[0] / 2 && margins[1] <= window.Kernel[1] / 2)
                return functional.max_pool2d(images, window.Kernel, window.Strides, [margins[0], margins[1]], window.Dilations);
            var padded = OnnxWindow.Pad(images, [margins[0], margins[1], margins[2] + more[0], margins[3] + more[1]], double.NegativeInfinity);
            return functional.max_pool2d(padded, window.Kernel, window.Strides, [0, 0], window.Dilations);
        };
    }

    private static Func<StepInputs, Tensor> Average(OnnxNode node)
    {
        var window = OnnxWindow.Read(node, hasKernel: true);
        var countsMargins = node.Flag("count_include_pad", false);
        if (window.Dilations.Any(dilation => dilation != 1))
            throw node.Refuse($"dilations [{string.Join(", ", window.Dilations)}]", "1");
        return inputs =>
        {
            var images = CheckIsImage(inputs[0]);
            var margins = window.Margins(images, window.Kernel);
            var more = window.Ends(images, window.Kernel, margins);
            if (OnnxWindow.AreEqual(margins) && more is [0, 0] && margins[0] <= window.Kernel[0] / 2 && margins[1] <= window.Kernel[1] / 2)
                return functional.avg_pool2d(images, window.Kernel, window.Strides, [margins[0], margins[1]], count_include_pad: countsMargins);
            // The sum of a window over how many of its pixels count.
            var ones = ones_like(images[..1, ..1]);
            var counted = countsMargins ? OnnxWindow.Pad(ones, margins, 1) : OnnxWindow.Pad(ones, margins, 0);
            return Means(OnnxWindow.Pad(images, margins, 0)).div(Means(counted));

            Tensor Means(Tensor values) => functional.avg_pool2d(OnnxWindow.Pad(values, [0, 0, more[0], more[1]], 0), window.Kernel, window.Strides);
        };
    }

    private static Func<StepInputs, double> Padded(OnnxNode node)
    {
        var (pads, kernel) = (node.Wholes("pads") ?? [], node.Wholes("kernel_shape") ?? []);
        return inputs =>
        {
            var images = CheckIsImage(inputs[0]);
            double added = pads.Sum() + kernel.Sum();
            return images.shape[0] * (double)images.shape[1] * (images.shape[2] + added) * (images.shape[3] + added);
        };
    }

    private static Tensor CheckIsImage(Tensor images) => images.dim() == 4
        ? images
        : throw new InvalidDataException($"the input [{string.Join(", ", images.shape)}]; expected [batch, channels, height, width]");
}
