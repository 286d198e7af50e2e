using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>How a column of vectors holds images, as <c>ExtractPixels</c> makes it.</summary>
internal sealed record PixelVectorFormat(ImageShape Shape, PixelLayout Layout, PixelRange Range) : ImageFormat(Shape)
{
    private static readonly int[] UsualChannels = [1, 3, 4];

    /// <summary>The sizes of one image in the column's own order.</summary>
    public int[] Dimensions => Layout == PixelLayout.Planar
        ? [Shape.Channels, Shape.Height, Shape.Width]
        : [Shape.Height, Shape.Width, Shape.Channels];

    /// <summary>Reads the format off the column's type; what the caller states must agree with it.</summary>
    /// <exception cref="ArgumentException">The column holds no images of one known size, or not the stated ones.</exception>
    public static PixelVectorFormat Of(string columnName, DataViewType columnType, ImageShape? statedShape, PixelLayout? statedLayout, PixelRange range)
    {
        if (columnType is not VectorDataViewType { ItemType: NumberDataViewType item } vector || item.RawType != typeof(float))
            throw new ArgumentException($"Column '{columnName}' is {columnType}; expected a vector of Single as ExtractPixels makes it.");

        if (vector.Size == 0)
            throw UnknownLength(columnName, $"{columnType}");

        var layout = LayoutOf(columnName, vector, statedLayout);
        var shape = ShapeOf(vector, layout) ?? statedShape ?? throw new ArgumentException(
            $"Column '{columnName}' is {columnType}, which does not tell the images' size; expected ImageShape in the options, or a column as ExtractPixels makes it.");
        if (statedShape is not null && statedShape != shape || vector.Size != shape.Length)
            throw new ArgumentException($"Column '{columnName}' is {columnType}, but the images are stated to be {statedShape} ({layout}).");
        return new PixelVectorFormat(shape, layout, range);
    }

    public static ArgumentException UnknownLength(string columnName, string columnType) =>
        new($"Column '{columnName}' is {columnType}, a vector of unknown length; expected a known one, as ExtractPixels or a [VectorType(channels, height, width)] attribute states it.");

    public override ImageCell Open(DataViewRow row, DataViewSchema.Column column) =>
        new PixelVectorCell(row.GetGetter<VBuffer<float>>(column), column.Name, this);

    public override Delegate Getter(Func<ReadOnlyMemory<float>> pixels) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        var image = pixels().Span;
        var editor = VBufferEditor.Create(ref value, Shape.Length);
        Write(image, editor.Values);
        value = editor.Commit();
    });

    /// <summary>Where a value of the column lies in [channels, height, width].</summary>
    public int PlanarPosition(int position) =>
        Layout == PixelLayout.Planar ? position : position % Shape.Channels * Shape.Height * Shape.Width + position / Shape.Channels;

    /// <summary>In the column's own order and range.</summary>
    private void Write(ReadOnlySpan<float> pixels, Span<float> values)
    {
        for (var position = 0; position < values.Length; position++)
            values[position] = Math.Clamp(Range.Minimum + pixels[PlanarPosition(position)] * Range.Span, Range.Minimum, Range.Maximum);
    }

    /// <summary>The end of the dimensions that is a usual number of channels tells the layout; where both are, it must be stated.</summary>
    private static PixelLayout LayoutOf(string columnName, VectorDataViewType vector, PixelLayout? stated)
    {
        if (vector.Dimensions.Length != 3)
            return stated ?? PixelLayout.Planar;
        var (mayBePlanar, mayBeInterleaved) = (UsualChannels.Contains(vector.Dimensions[0]), UsualChannels.Contains(vector.Dimensions[2]));
        if (mayBePlanar == mayBeInterleaved)
            return stated ?? throw new ArgumentException(
                $"Column '{columnName}' is {vector}, which may hold planar or interleaved pixels; expected PixelLayout in the options.");
        var layout = mayBePlanar ? PixelLayout.Planar : PixelLayout.Interleaved;
        if (stated is not null && stated != layout)
            throw new ArgumentException($"Column '{columnName}' is {vector}, which holds {layout} pixels; PixelLayout says {stated}.");
        return layout;
    }

    private static ImageShape? ShapeOf(VectorDataViewType vector, PixelLayout layout)
    {
        if (vector.Dimensions.Length != 3 || vector.Dimensions.Any(size => size <= 0))
            return null;
        var (first, second, third) = (vector.Dimensions[0], vector.Dimensions[1], vector.Dimensions[2]);
        return layout == PixelLayout.Planar ? new ImageShape(first, second, third) : new ImageShape(third, first, second);
    }
}
