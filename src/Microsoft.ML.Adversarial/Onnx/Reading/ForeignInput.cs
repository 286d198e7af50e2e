using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>How a graph from elsewhere takes images.</summary>
/// <param name="Name">The graph's input.</param>
/// <param name="Image">The size.</param>
/// <param name="Layout">The order of the numbers.</param>
/// <param name="IsSingle">Whether the file says that it takes one image.</param>
internal sealed record ForeignInput(string Name, ImageShape Image, PixelLayout Layout, bool IsSingle)
{
    private static readonly long[] UsualChannels = [1, 3, 4];

    /// <exception cref="InvalidDataException">There is no input that takes images, or the options do not fit it or leave something open.</exception>
    public static ForeignInput Of(OnnxFile file, NetworkFileOptions options)
    {
        var input = options.InputName is { } stated
            ? file.Inputs.FirstOrDefault(candidate => candidate.Name == stated) ?? throw new InvalidDataException($"'{file.Name}' has no input '{stated}'; it has {Names(file.Inputs)}.")
            : file.Inputs is [var only] ? only : throw new InvalidDataException($"'{file.Name}' has the inputs {Names(file.Inputs)}; expected InputName in the options, or one input.");
        if (input.Type?.TensorType is not { } type || type.ElemType is not (int)TensorProto.Types.DataType.Float and not (int)TensorProto.Types.DataType.Float16)
            throw new InvalidDataException($"'{file.Name}': the input '{input.Name}' holds {(TensorProto.Types.DataType?)input.Type?.TensorType?.ElemType}; expected float32 pixels.");
        if (type.Shape?.Dim is not { Count: 4 } dimensions)
            throw new InvalidDataException($"'{file.Name}': the input '{input.Name}' has {type.Shape?.Dim.Count ?? 0} dimensions; expected four, [batch, channels, height, width] or [batch, height, width, channels].");
        long[] sizes = [.. dimensions.Select(dimension => dimension.DimValue)];
        if (sizes[0] is not (0 or 1))
            throw new InvalidDataException($"'{file.Name}': the input '{input.Name}' is [{Text(sizes)}]; expected a free batch or one image.");
        var layout = options.PixelLayout ?? LayoutOf(file, input.Name, sizes);
        int[] places = layout == PixelLayout.Planar ? [1, 2, 3] : [3, 1, 2];
        var shape = options.ImageShape;
        long[] wanted = shape is null ? [0, 0, 0] : [shape.Channels, shape.Height, shape.Width];
        for (var i = 0; i < places.Length; i++)
        {
            var (inFile, asked) = (sizes[places[i]], wanted[i]);
            if (inFile > 0 && asked > 0 && inFile != asked)
                throw new InvalidDataException($"'{file.Name}': the input '{input.Name}' is [{Text(sizes)}] ({layout}), and ImageShape says {shape}; expected the file's sizes.");
            wanted[i] = Math.Max(inFile, asked);
        }
        if (wanted.Any(size => size is < 1 or > 4096) || wanted[0] > 64)
            throw new InvalidDataException($"'{file.Name}': the input '{input.Name}' is [{Text(sizes)}] ({layout}), 0 being free; expected 1 to 64 channels and 1 to 4096 pixels each way. State ImageShape in the options where sizes are free.");
        if (options.IsBlueFirst && wanted[0] != 3)
            throw new InvalidDataException($"'{file.Name}' takes images of {wanted[0]} channels, and IsBlueFirst is stated; expected 3 channels.");
        return new ForeignInput(input.Name, new ImageShape((int)wanted[0], (int)wanted[1], (int)wanted[2]), layout, sizes[0] == 1);
    }

    private static PixelLayout LayoutOf(OnnxFile file, string name, long[] sizes)
    {
        var (mayBePlanar, mayBeInterleaved) = (UsualChannels.Contains(sizes[1]), UsualChannels.Contains(sizes[3]));
        return mayBePlanar != mayBeInterleaved
            ? mayBePlanar ? PixelLayout.Planar : PixelLayout.Interleaved
            : throw new InvalidDataException($"'{file.Name}': the input '{name}' is [{Text(sizes)}], which may be planar or interleaved; expected PixelLayout in the options.");
    }

    private static string Names(IEnumerable<ValueInfoProto> values) => $"[{string.Join(", ", values.Select(value => value.Name))}]";

    private static string Text(long[] sizes) => string.Join(", ", sizes);
}
