using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators that multiply with weights.</summary>
internal static class OnnxConvolutions
{
    /// <summary>So many times larger than a value may what lies under windows be, which is needed for a moment only.</summary>
    private const double WindowsAtOnce = 8;

    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Conv"] = OnnxOperator.Of(Convolve) with { Weights = [1, 2], Kernels = 1, MakesNew = true, Numbers = Grown },
        ["ConvTranspose"] = OnnxOperator.Of(TransposedConvolution) with { Weights = [1, 2], MakesNew = true, Numbers = Grown },
        ["Gemm"] = OnnxOperator.Of(Product) with { Weights = [1, 2], MakesNew = true, Numbers = OnnxNumbers.Product },
        ["MatMul"] = OnnxOperator.Of(inputs => Multiply(Plain(inputs[0]), Plain(inputs[1]))) with { Weights = [0, 1], MakesNew = true, Numbers = OnnxNumbers.Product },
        ["Einsum"] = OnnxOperator.Of(node =>
        {
            var equation = node.Text("equation", "");
            return inputs => einsum(equation, [.. inputs.All.Select(Plain)]);
        }) with
        { Numbers = OnnxNumbers.Einstein },
    };

    /// <summary>Products with anything but kernels are made in float32, as in networks that are laid out here.</summary>
    private static Tensor Plain(Tensor value) => value.dtype == bfloat16 ? value.to(float32) : value;

    /// <summary>TorchSharp 0.107.0 lets the process end where torch.matmul refuses what it gets, so that this is looked at before.</summary>
    private static Tensor Multiply(Tensor first, Tensor second)
    {
        var (rows, columns) = (first.shape, second.shape);
        var fits = first.dtype == second.dtype && first.dtype != @bool && rows.Length > 0 && columns.Length > 0 && rows[^1] == columns[columns.Length == 1 ? 0 : ^2];
        for (var axis = 3; fits && axis <= Math.Min(rows.Length, columns.Length); axis++)
            fits = rows[^axis] == columns[^axis] || rows[^axis] == 1 || columns[^axis] == 1;
        return fits ? matmul(first, second) : throw new InvalidDataException($"a product of {first.dtype} [{string.Join(", ", rows)}] and {second.dtype} [{string.Join(", ", columns)}]; expected rows as long as columns");
    }

    private static Func<StepInputs, Tensor> Convolve(OnnxNode node)
    {
        var window = OnnxWindow.Read(node, hasKernel: false);
        var groups = node.Whole("group", 1, 1, 65_536);
        return inputs =>
        {
            var (images, kernels, bias) = (inputs[0], inputs[1], inputs.Find(2));
            CheckIsImage(images, kernels);
            long[] kernel = [kernels.shape[2], kernels.shape[3]];
            var margins = window.Margins(images, kernel);
            if (OnnxWindow.AreEqual(margins))
                return Convolution.Of(images, kernels, bias, window.Strides, [margins[0], margins[1]], window.Dilations, groups);
            return Convolution.Of(OnnxWindow.Pad(images, margins, 0), kernels, bias, window.Strides, [0, 0], window.Dilations, groups);
        };
    }

    private static Func<StepInputs, Tensor> TransposedConvolution(OnnxNode node)
    {
        var window = OnnxWindow.Read(node, hasKernel: false);
        var groups = node.Whole("group", 1, 1, 65_536);
        var more = node.Wholes("output_padding", 2, 0, 0);
        var stated = node.Wholes("output_shape")?.TakeLast(2).ToArray();
        return inputs =>
        {
            var (images, kernels, bias) = (Plain(inputs[0]), inputs[1], inputs.Find(2));
            CheckIsImage(images, kernels);
            if (images.shape[1] != kernels.shape[0] || images.shape[1] % groups != 0)
                throw new InvalidDataException($"kernels [{string.Join(", ", kernels.shape)}] in {groups} groups for the input [{string.Join(", ", images.shape)}]");
            var margins = window.Automatic is "NOTSET" ? [.. window.Pads] : new long[4];
            var isSame = window.Automatic is "SAME_UPPER" or "SAME_LOWER";
            for (var side = 0; side < 2; side++)
            {
                var wanted = stated is { Length: 2 } ? stated[side] : isSame ? images.shape[2 + side] * window.Strides[side] : (long?)null;
                if (wanted is not { } size)
                    continue;
                var cut = Math.Max(0, Whole(side) - size);
                margins[side] = window.Automatic is "SAME_UPPER" ? cut / 2 : cut - cut / 2;
                margins[side + 2] = cut - margins[side];
            }
            // The margins of a transposed convolution are what is cut off its result.
            long[] common = [Math.Min(margins[0], margins[2]), Math.Min(margins[1], margins[3])];
            // In another layout than that of images, few channels gave numbers that are none on a processor with AVX-512 (libtorch 2.10, AMD, family 26).
            var made = functional.conv_transpose2d(FrozenTensor.ChannelsLast(images), kernels, bias, window.Strides, common, more, window.Dilations, groups);
            return OnnxWindow.AreEqual(margins) ? made : made[
                TensorIndex.Colon, TensorIndex.Colon,
                TensorIndex.Slice(margins[0] - common[0], made.shape[2] - (margins[2] - common[0])),
                TensorIndex.Slice(margins[1] - common[1], made.shape[3] - (margins[3] - common[1]))];

            long Whole(int side) => (images.shape[2 + side] - 1) * window.Strides[side] + (kernels.shape[2 + side] - 1) * window.Dilations[side] + 1 + more[side];
        };
    }

    private static Func<StepInputs, Tensor> Product(OnnxNode node)
    {
        var (alpha, beta) = (node.Real("alpha", 1), node.Real("beta", 1));
        var (isFirstTransposed, isSecondTransposed) = (node.Flag("transA", false), node.Flag("transB", false));
        return inputs =>
        {
            var (first, second, added) = (Plain(inputs[0]), Plain(inputs[1]), inputs.Find(2));
            first = isFirstTransposed ? first.t() : first;
            second = isSecondTransposed ? second : second.t();
            if (alpha == 1 && (added is null || beta == 1 && added.dim() == 1))
                return functional.linear(first, second, added);
            var product = functional.linear(first, second).Times(alpha);
            return added is null ? product : product.PlusScaled(added, beta);
        };
    }

    /// <summary>Of a convolution, wherever its margins come from.</summary>
    private static Func<StepInputs, double> Grown(OnnxNode node)
    {
        var pads = node.Wholes("pads") ?? [];
        var strides = node.Wholes("strides") ?? [];
        var isTransposed = node.Operation == "ConvTranspose";
        return inputs =>
        {
            var (images, kernels) = (inputs[0], inputs[1]);
            CheckIsImage(images, kernels);
            var (channels, outputs) = (images.shape[0] * (double)images.shape[1], images.shape[0] * (double)(isTransposed ? kernels.shape[1] * node.Whole("group", 1) : kernels.shape[0]));
            var (padded, made, windows) = (1.0, 1.0, 1.0);
            for (var side = 0; side < 2; side++)
            {
                double size = images.shape[2 + side], window = kernels.shape[2 + side], stride = strides.Count == 2 ? strides[side] : 1;
                padded *= size + window + pads.Sum();
                made *= isTransposed ? size * stride + window * (node.Wholes("dilations") is { Count: 2 } dilations ? dilations[side] : 1.0) : (size + window + pads.Sum()) / stride + 1;
                windows *= isTransposed ? size * window : ((size + pads.Sum()) / stride + 1) * window;
            }
            // What lies under each window is laid out side by side, in double precision at least.
            return new[] { outputs * made, isTransposed ? 0 : channels * padded, (isTransposed ? outputs : channels) * windows / WindowsAtOnce }.Max();
        };
    }

    private static void CheckIsImage(Tensor images, Tensor kernels)
    {
        if (images.dim() != 4 || kernels.dim() != 4)
            throw new InvalidDataException($"the input [{string.Join(", ", images.shape)}] and kernels [{string.Join(", ", kernels.shape)}]; expected [batch, channels, height, width] and [outputs, inputs, height, width]");
    }
}
