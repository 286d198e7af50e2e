using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Operators that change the size of images. Each axis is resized by itself: every new position has one old one (nearest) or two and their shares (linear), which follow from the sizes alone
/// and are computed on the host, exactly as the format defines the coordinates.
/// </summary>
internal static class OnnxResizing
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Resize"] = OnnxOperator.Of(Resize) with { HostInputs = [1, 2, 3], Numbers = Grown },
        ["Upsample"] = OnnxOperator.Of(Upsample) with { HostInputs = [1], Numbers = Grown },
    };

    private static Func<StepInputs, double> Grown(OnnxNode node) => inputs =>
    {
        // Scales or sizes, wherever the version has them: sizes alone are as many numbers as there are.
        var sizes = node.Operation == "Resize" && node.IsSince(11) && inputs.Find(3) is { } given && given.numel() > 0 ? OnnxSizes.Reals(given) : null;
        if (sizes is not null)
            return sizes.Length < inputs[0].dim()
                ? sizes.Aggregate((double)inputs[0].numel(), (product, size) => product * Math.Max(1, size))
                : inputs[0].shape.Zip(sizes, (old, size) => Math.Max(old, size)).Aggregate(1.0, (product, size) => product * Math.Max(1, size));
        var scales = node.Reals("scales")?.Select(scale => (double)scale).ToArray() ?? OnnxSizes.Reals(inputs[node.Operation == "Resize" && node.IsSince(11) ? 2 : 1]);
        return scales.Aggregate((double)inputs[0].numel(), (product, scale) => product * Math.Max(1, scale));
    };

    private static Func<StepInputs, Tensor> Upsample(OnnxNode node)
    {
        var isLinear = node.OneOf("mode", "nearest", "linear") == "linear";
        return inputs =>
        {
            var scales = node.IsSince(9) ? OnnxSizes.Reals(inputs[1]) : [.. (node.Reals("scales") ?? []).Select(scale => (double)scale)];
            return ToScales(inputs[0], [.. Enumerable.Range(0, (int)inputs[0].dim()).Select(axis => (long)axis)], scales, null, new Coordinates("asymmetric", "floor", isLinear));
        };
    }

    private static Func<StepInputs, Tensor> Resize(OnnxNode node)
    {
        var isLinear = node.OneOf("mode", "nearest", "linear") == "linear";
        // Version 10 knows no choice of coordinates; ONNX Runtime takes the next pixel where it makes images smaller.
        var coordinates = node.IsSince(11)
            ? new Coordinates(
                node.OneOf("coordinate_transformation_mode", "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric"),
                node.OneOf("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
                isLinear)
            : new Coordinates("asymmetric", "outwards", isLinear);
        if (node.Flag("antialias", false))
            throw node.Refuse("antialias 1", "0");
        node.OneOf("keep_aspect_ratio_policy", "stretch");
        var (scales, sizes) = node.IsSince(11) ? (2, 3) : (1, -1);
        return inputs =>
        {
            var axes = node.Wholes("axes")?.Select(axis => OnnxSizes.Axis(axis, inputs[0])).ToArray() ?? [.. Enumerable.Range(0, (int)inputs[0].dim()).Select(axis => (long)axis)];
            var wanted = sizes > 0 && inputs.Find(sizes) is { } given && given.numel() > 0 ? OnnxSizes.Of(given) : null;
            return ToScales(inputs[0], axes, wanted is null ? OnnxSizes.Reals(inputs[scales]) : null, wanted, coordinates);
        };
    }

    private static Tensor ToScales(Tensor images, long[] axes, double[]? scales, long[]? sizes, Coordinates coordinates)
    {
        if ((scales?.Length ?? sizes!.Length) != axes.Length)
            throw new InvalidDataException($"{scales?.Length ?? sizes!.Length} scales or sizes for {axes.Length} axes");
        for (var i = 0; i < axes.Length; i++)
        {
            var old = images.shape[(int)axes[i]];
            var scale = scales?[i] ?? (double)sizes![i] / old;
            var size = sizes?[i] ?? (long)Math.Floor(old * scale);
            if (!(scale > 0) || size is < 1 or > 65_536)
                throw new InvalidDataException(FormattableString.Invariant($"a scale of {scale} for {old} numbers; expected 1 to 65536 of them afterwards"));
            if (size != old || scale != 1)
                images = coordinates.Resize(images, axes[i], size, scale);
        }
        return images;
    }

    /// <summary>Where a new position lies among the old ones, and which of those around it count.</summary>
    private sealed record Coordinates(string Transformation, string Nearest, bool IsLinear)
    {
        public Tensor Resize(Tensor images, long axis, long size, double scale)
        {
            var old = images.shape[(int)axis];
            var places = Enumerable.Range(0, (int)size).Select(position => Place(position, old, size, scale)).ToArray();
            if (!IsLinear)
                return Take(places.Select(place => Math.Clamp((long)Round(place, scale), 0, old - 1)));
            var within = places.Select(place => Math.Clamp(place, 0, old - 1)).ToArray();
            var lower = within.Select(place => Math.Min((long)place, old - 1)).ToArray();
            var shares = within.Zip(lower, (place, from) => (float)(place - from)).ToArray();
            var (below, above) = (Take(lower), Take(lower.Select(from => Math.Min(from + 1, old - 1))));
            var share = tensor(shares, images.dtype, images.device).reshape([.. Enumerable.Range(0, (int)images.dim()).Select(other => other == axis ? size : 1)]);
            return below.Plus(above.sub(below).mul(share));

            Tensor Take(IEnumerable<long> positions) => images.index_select(axis, OnnxSizes.ToTensor([.. positions]).to(images.device));
        }

        private double Place(int position, long old, long size, double scale) => Transformation switch
        {
            "asymmetric" => position / scale,
            "align_corners" => size == 1 ? 0 : position * (old - 1.0) / (size - 1),
            "pytorch_half_pixel" when size == 1 => 0,
            "half_pixel_symmetric" => old / 2.0 * (1 - size / (old * scale)) + (position + 0.5) / scale - 0.5,
            _ => (position + 0.5) / scale - 0.5,
        };

        private double Round(double place, double scale) => Nearest switch
        {
            "floor" => Math.Floor(place),
            "ceil" => Math.Ceiling(place),
            "outwards" => scale < 1 ? Math.Ceiling(place) : Math.Floor(place),
            "round_prefer_ceil" => Math.Floor(place + 0.5),
            _ => Math.Ceiling(place - 0.5),
        };
    }
}
