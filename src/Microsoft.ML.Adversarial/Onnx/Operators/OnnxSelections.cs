using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators that put parts of values together, take them apart, or make new ones.</summary>
internal static class OnnxSelections
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Concat"] = OnnxOperator.Of(Concatenate) with { MakesNew = true, Numbers = OnnxNumbers.Sum },
        ["Split"] = new OnnxOperator(Split) { HostInputs = [1] },
        ["Slice"] = OnnxOperator.Of(Slice) with { HostInputs = [1, 2, 3, 4] },
        ["Gather"] = OnnxOperator.Of(Gather) with { Numbers = OnnxNumbers.Gathered },
        ["GatherElements"] = OnnxOperator.Of(node =>
        {
            var axis = node.Whole("axis", 0);
            return inputs => inputs[0].gather(axis, FromFront(inputs[1], inputs[0].shape[(int)OnnxSizes.Axis(axis, inputs[0])]));
        }),
        ["GatherND"] = OnnxOperator.Of(GatherBlocks) with { Numbers = node => inputs => Math.Max(1.0, inputs[1].numel()) * Math.Max(1, inputs[0].numel()) },
        ["ScatterND"] = OnnxOperator.Of(node => node.OneOf("reduction", "none") == "none" ? ScatterBlocks : throw node.Refuse("a reduction", "none")) with { MakesNew = true },
        ["ScatterElements"] = OnnxOperator.Of(node =>
        {
            var axis = node.Whole("axis", 0);
            node.OneOf("reduction", "none");
            return inputs => inputs[0].scatter(axis, FromFront(inputs[1], inputs[0].shape[(int)OnnxSizes.Axis(axis, inputs[0])]), inputs[2]);
        }),
        ["Pad"] = OnnxOperator.Of(Pad) with { HostInputs = [1, 2, 3], Numbers = Padded },
        ["Tile"] = OnnxOperator.Of(inputs => inputs[0].repeat(OnnxSizes.Of(inputs[1]))) with { HostInputs = [1], Numbers = OnnxNumbers.Repeated(1) },
        ["Range"] = OnnxOperator.Of(Range) with { HostInputs = [0, 1, 2] },
        ["Trilu"] = OnnxOperator.Of(node =>
        {
            var isUpper = node.Flag("upper", true);
            return inputs => isUpper ? inputs[0].triu(Diagonal(inputs)) : inputs[0].tril(Diagonal(inputs));

            static long Diagonal(StepInputs inputs) => inputs.Find(1) is { } given ? OnnxSizes.Of(given.reshape(1))[0] : 0;
        }) with
        { HostInputs = [1] },
    };

    private static Func<StepInputs, Tensor> Concatenate(OnnxNode node)
    {
        var axis = node.Whole("axis", 1);
        return inputs =>
        {
            var parts = inputs.All;
            var along = OnnxSizes.Axis(axis, parts[0]);
            // What a file for one image holds for that image is the same for each of a batch.
            var batch = along == 0 || parts[0].dim() < 2 ? 1 : parts.Max(part => part.shape[0]);
            var type = parts.Aggregate(parts[0].dtype, (common, part) => common == part.dtype ? common : result_type(parts[0], part));
            return cat([.. parts.Select(part => (batch > 1 && part.shape[0] == 1 ? part.expand([batch, .. part.shape[1..]]) : part).to(type))], along);
        };
    }

    private static Func<StepInputs, IReadOnlyList<Tensor>> Split(OnnxNode node)
    {
        var axis = node.Whole("axis", 0);
        var stated = node.Wholes("split")?.ToArray();
        return inputs =>
        {
            var along = OnnxSizes.Axis(axis, inputs[0]);
            var size = inputs[0].shape[(int)along];
            var part = (size + node.Outputs.Count - 1) / node.Outputs.Count;
            var sizes = stated ?? (inputs.Find(1) is { } given ? OnnxSizes.Of(given) : [.. node.Outputs.Select((_, index) => Math.Min(part, size - index * part))]);
            if (sizes.Sum() != size || sizes.Length != node.Outputs.Count || sizes.Any(length => length < 0))
                throw new InvalidDataException($"parts of [{string.Join(", ", sizes)}] of {size}; expected {node.Outputs.Count} that make it up");
            var begin = 0L;
            return [.. sizes.Select(length => inputs[0].narrow(along, (begin += length) - length, length))];
        };
    }

    private static Func<StepInputs, Tensor> Slice(OnnxNode node)
    {
        return inputs =>
        {
            var isGiven = node.IsSince(10);
            var starts = isGiven ? OnnxSizes.Of(inputs[1]) : [.. node.Wholes("starts") ?? []];
            var ends = isGiven ? OnnxSizes.Of(inputs[2]) : [.. node.Wholes("ends") ?? []];
            var axes = (isGiven ? inputs.Find(3) is { } given ? OnnxSizes.Of(given) : null : node.Wholes("axes")?.ToArray()) ?? [.. starts.Select((_, index) => (long)index)];
            var steps = isGiven && inputs.Find(4) is { } stated ? OnnxSizes.Of(stated) : [.. starts.Select(_ => 1L)];
            if (starts.Length > inputs[0].dim() || ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
                throw new InvalidDataException($"{starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps; expected equally many, at most {inputs[0].dim()}");
            var result = inputs[0];
            for (var i = 0; i < starts.Length; i++)
                result = Slice(result, OnnxSizes.Axis(axes[i], result), starts[i], ends[i], steps[i]);
            return result;
        };
    }

    private static Tensor Slice(Tensor value, long axis, long start, long end, long step)
    {
        var size = value.shape[(int)axis];
        if (step == 0)
            throw new InvalidDataException("steps of 0");
        if (step > 0)
        {
            var (first, last) = (Clamp(start, 0, size), Clamp(end, 0, size));
            return value.slice(axis, first, Math.Max(first, last), step);
        }
        // Backwards: the same positions of the mirrored value.
        var (from, to) = (Clamp(start, -1, size - 1), Clamp(end, -1, size - 1));
        var (begin, stop) = (size - 1 - from, size - 1 - to);
        return value.flip(axis).slice(axis, begin, Math.Max(begin, stop), step == long.MinValue ? long.MaxValue : -step);

        long Clamp(long position, long least, long most) => Math.Clamp(position < 0 ? position <= -size - 1 ? -1 : position + size : position, least, most);
    }

    private static Func<StepInputs, Tensor> Gather(OnnxNode node)
    {
        var axis = node.Whole("axis", 0);
        return inputs =>
        {
            var (values, along) = (inputs[0], OnnxSizes.Axis(axis, inputs[0]));
            var positions = inputs[1].to(int64);
            var chosen = values.index_select(along, FromFront(positions.flatten(), values.shape[(int)along]));
            return chosen.reshape([.. values.shape[..(int)along], .. positions.shape, .. values.shape[((int)along + 1)..]]);
        };
    }

    /// <summary>Negative positions count from the end.</summary>
    private static Tensor FromFront(Tensor positions, long size)
    {
        // A GPU sees to it itself, and is not waited for.
        if (positions.device_type != DeviceType.CPU)
            return where(positions.lt(zeros_like(positions)), positions.Plus(OnnxSizes.ToTensor([size]).to(positions.device)), positions);
        // Positions outside would be read from memory that is not the tensor's.
        var (least, most) = positions.numel() == 0 ? (0, 0) : (positions.min().item<long>(), positions.max().item<long>());
        if (least < -size || most >= size)
            throw new InvalidDataException($"positions from {least} to {most} of {size}");
        return least >= 0 ? positions : where(positions.lt(zeros_like(positions)), positions.Plus(OnnxSizes.ToTensor([size])), positions);
    }

    /// <summary>Whole blocks by the positions of their first dimensions.</summary>
    private static Func<StepInputs, Tensor> GatherBlocks(OnnxNode node)
    {
        if (node.Whole("batch_dims", 0, 0, 8) != 0)
            throw node.Refuse("batch_dims above 0", "0");
        return inputs =>
        {
            var (values, positions) = (inputs[0], inputs[1]);
            var blocks = values.reshape([-1, .. values.shape[(int)positions.shape[^1]..]]);
            return blocks.index_select(0, Rows(values, positions)).reshape([.. positions.shape[..^1], .. values.shape[(int)positions.shape[^1]..]]);
        };
    }

    private static Tensor ScatterBlocks(StepInputs inputs)
    {
        var (values, positions, updates) = (inputs[0], inputs[1], inputs[2]);
        long[] block = values.shape[(int)positions.shape[^1]..];
        return values.reshape([-1, .. block]).index_copy(0, Rows(values, positions), updates.reshape([-1, .. block])).reshape(values.shape);
    }

    /// <summary>Positions in several dimensions as positions in one.</summary>
    private static Tensor Rows(Tensor values, Tensor positions)
    {
        var count = (int)positions.shape[^1];
        if (count > values.dim())
            throw new InvalidDataException($"positions in {count} dimensions of [{string.Join(", ", values.shape)}]");
        var rows = zeros([positions.numel() / Math.Max(1, count)], int64, positions.device);
        for (var i = 0; i < count; i++)
            rows = rows.mul(OnnxSizes.ToTensor([values.shape[i]]).to(positions.device)).Plus(FromFront(positions.select(-1, i).flatten(), values.shape[i]));
        return rows;
    }

    private static Func<StepInputs, double> Padded(OnnxNode node) => inputs =>
    {
        var pads = node.IsSince(11) ? OnnxSizes.Of(inputs[1]) : [.. node.Wholes("pads") ?? []];
        var (most, numbers) = (pads.Sum(pad => Math.Abs((double)pad)), 1.0);
        foreach (var size in inputs[0].shape)
            numbers *= size + (pads.Length == 0 ? 0 : most);
        // Each axis has its own margins; where these alone could be too many, they are looked at one by one.
        return pads.Length == 2 * inputs[0].dim()
            ? inputs[0].shape.Select((size, axis) => size + Math.Abs((double)pads[axis]) + Math.Abs((double)pads[axis + pads.Length / 2])).Aggregate(1.0, (product, size) => product * size)
            : numbers;
    };

    private static Func<StepInputs, Tensor> Pad(OnnxNode node)
    {
        var mode = node.OneOf("mode", "constant", "reflect", "edge", "wrap");
        return inputs =>
        {
            var values = inputs[0];
            var pads = node.IsSince(11) ? OnnxSizes.Of(inputs[1]) : [.. node.Wholes("pads") ?? []];
            var number = node.IsSince(11) ? inputs.Find(2) is { } given ? OnnxSizes.Reals(given.reshape(1))[0] : 0 : node.Real("value", 0);
            var axes = inputs.Find(3) is { } stated ? OnnxSizes.Of(stated) : [.. Enumerable.Range(0, (int)values.dim()).Select(axis => (long)axis)];
            if (axes.Length > values.dim() || pads.Length != 2 * axes.Length || pads.Any(pad => pad is < -65_536 or > 65_536))
                throw new InvalidDataException($"pads [{string.Join(", ", pads.Take(12))}]; expected two for each of {axes.Length} axes, of at most 65536");
            for (var i = 0; i < axes.Length; i++)
                values = Pad(values, OnnxSizes.Axis(axes[i], values), pads[i], pads[i + axes.Length], mode, number);
            return values;
        };
    }

    private static Tensor Pad(Tensor value, long axis, long before, long after, string mode, double number)
    {
        if (before == 0 && after == 0)
            return value;
        if (mode == "constant" || before < 0 || after < 0)
        {
            var behind = 2 * (value.dim() - 1 - axis);
            return nn.functional.pad(value, [.. Enumerable.Repeat(0L, (int)behind), before, after], PaddingModes.Constant, number);
        }
        var size = value.shape[(int)axis];
        if (mode == "reflect" && Math.Max(before, after) >= size)
            throw new InvalidDataException($"pads of {before} and {after} around {size} numbers; expected fewer to reflect");
        var positions = Enumerable.Range(0, (int)(before + size + after)).Select(index => index - before)
            .Select(position => mode == "edge" ? Math.Clamp(position, 0, size - 1) : mode == "wrap" ? (position % size + size) % size : position < 0 ? -position : position >= size ? 2 * (size - 1) - position : position);
        return value.index_select(axis, OnnxSizes.ToTensor([.. positions]).to(value.device));
    }

    private static Tensor Range(StepInputs inputs)
    {
        var (start, limit, step) = (OnnxSizes.Reals(inputs[0].reshape(1))[0], OnnxSizes.Reals(inputs[1].reshape(1))[0], OnnxSizes.Reals(inputs[2].reshape(1))[0]);
        var count = Math.Ceiling((limit - start) / step);
        if (!(count <= 1 << 20))
            throw new InvalidDataException(FormattableString.Invariant($"{count} numbers from {start} to {limit}; expected at most {1 << 20}"));
        using var scope = NewDisposeScope();
        return TensorArithmetic.Positions((long)Math.Max(0, count), CPU).to(float64).Times(step).Plus(start).to(inputs[0].dtype).MoveToOuterDisposeScope();
    }
}
