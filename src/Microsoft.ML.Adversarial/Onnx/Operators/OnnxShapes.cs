using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators that give the same numbers another shape.</summary>
internal static class OnnxShapes
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Shape"] = OnnxOperator.Of(Shape) with { IsOfSizes = true },
        ["Size"] = OnnxOperator.Of(inputs => OnnxSizes.ToTensor([inputs[0].numel()]).squeeze(0)) with { IsOfSizes = true },
        ["Reshape"] = OnnxOperator.Of(Reshape) with { HostInputs = [1] },
        ["Flatten"] = OnnxOperator.Of(Flatten),
        ["Transpose"] = OnnxOperator.Of(node =>
        {
            var order = node.Wholes("perm")?.ToArray();
            return inputs => inputs[0].permute(order ?? [.. Enumerable.Range(0, (int)inputs[0].dim()).Reverse().Select(axis => (long)axis)]);
        }),
        ["Squeeze"] = OnnxOperator.Of(node => inputs => Squeeze(inputs[0], OnnxSizes.Axes(node, 13, 1, inputs))) with { HostInputs = [1] },
        ["Unsqueeze"] = OnnxOperator.Of(node => inputs => Unsqueeze(inputs[0], OnnxSizes.Axes(node, 13, 1, inputs) ?? [])) with { HostInputs = [1] },
        ["Expand"] = OnnxOperator.Of(inputs => Expand(inputs[0], OnnxSizes.Of(inputs[1]))) with { HostInputs = [1], Numbers = Expanded },
        ["DepthToSpace"] = OnnxOperator.Of(DepthToSpace),
        ["SpaceToDepth"] = OnnxOperator.Of(SpaceToDepth),
    };

    private static Func<StepInputs, Tensor> Shape(OnnxNode node)
    {
        var (start, end) = (node.Whole("start", 0), node.Whole("end", int.MaxValue, -1_000_000, int.MaxValue));
        return inputs =>
        {
            var shape = inputs[0].shape;
            var (first, last) = (Clamp(start), Clamp(end));
            return OnnxSizes.ToTensor(shape[first..Math.Max(first, last)]);

            int Clamp(long position) => (int)Math.Clamp(position < 0 ? position + shape.Length : position, 0, shape.Length);
        };
    }

    private static Func<StepInputs, Tensor> Reshape(OnnxNode node)
    {
        var keepsZero = node.Flag("allowzero", false);
        return inputs =>
        {
            var values = inputs[0];
            var sizes = OnnxSizes.Of(inputs[1]);
            for (var i = 0; i < sizes.Length && !keepsZero; i++)
                sizes[i] = sizes[i] == 0 && i < values.dim() ? values.shape[i] : sizes[i];
            // torch multiplies sizes without looking whether the product is too large for its numbers.
            return sizes.Aggregate(1.0, (product, size) => product * size) is var numbers && Math.Abs(numbers) <= int.MaxValue && sizes.All(size => size is >= -1 and <= int.MaxValue)
                ? values.reshape(sizes)
                : throw new InvalidDataException($"the sizes [{string.Join(", ", sizes.Take(8))}] for {values.numel()} numbers");
        };
    }

    private static Func<StepInputs, Tensor> Flatten(OnnxNode node)
    {
        var axis = node.Whole("axis", 1);
        return inputs =>
        {
            var shape = inputs[0].shape;
            var rows = shape[..(int)OnnxSizes.Axis(axis, inputs[0])].Aggregate(1L, (product, size) => product * size);
            return inputs[0].reshape(rows, rows == 0 ? 0 : inputs[0].numel() / rows);
        };
    }

    private static Tensor Squeeze(Tensor value, long[]? axes)
    {
        var dropped = (axes ?? [.. Enumerable.Range(0, (int)value.dim()).Where(axis => value.shape[axis] == 1).Select(axis => (long)axis)]).Select(axis => OnnxSizes.Axis(axis, value)).ToHashSet();
        if (dropped.Any(axis => value.shape[(int)axis] != 1))
            throw new InvalidDataException($"axes [{string.Join(", ", dropped)}] of the shape [{string.Join(", ", value.shape)}]; expected sizes of 1 there");
        return value.reshape([.. value.shape.Where((_, axis) => !dropped.Contains(axis))]);
    }

    private static Tensor Unsqueeze(Tensor value, long[] axes) =>
        axes.Select(axis => OnnxSizes.Axis(axis, value.dim() + axes.Length)).Order().Aggregate(value, (result, axis) => result.unsqueeze(axis));

    private static Func<StepInputs, double> Expanded(OnnxNode node) => inputs => Larger(inputs[0], OnnxSizes.Of(inputs[1])).Aggregate(1.0, (product, size) => product * Math.Max(1, size));

    private static Tensor Expand(Tensor value, long[] sizes) => value.expand(Larger(value, sizes));

    /// <summary>The larger of both sizes in each dimension, counted from the last.</summary>
    private static long[] Larger(Tensor value, long[] sizes)
    {
        var count = Math.Max((int)value.dim(), sizes.Length);
        var expanded = new long[count];
        for (var i = 1; i <= count; i++)
        {
            var (own, asked) = (i <= value.dim() ? value.shape[^i] : 1, i <= sizes.Length ? sizes[^i] : 1);
            if (own != 1 && asked != 1 && asked != own)
                throw new InvalidDataException($"the sizes [{string.Join(", ", sizes.Take(8))}] for the shape [{string.Join(", ", value.shape)}]; expected its own sizes or 1");
            expanded[^i] = own == 1 ? asked : own;
        }
        return expanded;
    }

    private static Func<StepInputs, Tensor> DepthToSpace(OnnxNode node)
    {
        var block = node.Whole("blocksize", 1, 1, 65_536);
        var isDepthFirst = node.OneOf("mode", "DCR", "CRD") == "DCR";
        return inputs =>
        {
            var shape = inputs[0].shape;
            var (batch, channels, height, width) = (shape[0], shape[1] / (block * block), shape[2], shape[3]);
            var parts = isDepthFirst
                ? inputs[0].reshape(batch, block, block, channels, height, width).permute(0, 3, 4, 1, 5, 2)
                : inputs[0].reshape(batch, channels, block, block, height, width).permute(0, 1, 4, 2, 5, 3);
            return parts.reshape(batch, channels, height * block, width * block);
        };
    }

    private static Func<StepInputs, Tensor> SpaceToDepth(OnnxNode node)
    {
        var block = node.Whole("blocksize", 1, 1, 65_536);
        return inputs =>
        {
            var shape = inputs[0].shape;
            var (batch, channels, height, width) = (shape[0], shape[1], shape[2] / block, shape[3] / block);
            return inputs[0].reshape(batch, channels, height, block, width, block).permute(0, 3, 5, 1, 2, 4).reshape(batch, channels * block * block, height, width);
        };
    }
}
