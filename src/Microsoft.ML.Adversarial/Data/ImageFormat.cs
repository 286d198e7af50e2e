using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Data;

/// <summary>How a vector column holds images.</summary>
internal sealed record ImageFormat(ImageShape Shape, PixelLayout Layout, PixelRange Range)
{
    private static readonly int[] UsualChannels = [1, 3, 4];

    /// <summary>The sizes of one image in the column's own order.</summary>
    public int[] Dimensions => Layout == PixelLayout.Planar
        ? [Shape.Channels, Shape.Height, Shape.Width]
        : [Shape.Height, Shape.Width, Shape.Channels];

    /// <summary>Reads the format off the column's type; what the caller states must agree with it.</summary>
    /// <exception cref="ArgumentException">The column holds no images of one known size, or not the stated ones.</exception>
    public static ImageFormat Of(string columnName, DataViewType columnType, ImageShape? statedShape, PixelLayout? statedLayout, PixelRange range)
    {
        if (columnType is not VectorDataViewType { ItemType: NumberDataViewType item } vector || item.RawType != typeof(float))
            throw new ArgumentException($"Column '{columnName}' is {columnType}; expected a vector of Single as ExtractPixels makes it.", nameof(columnType));

        var layout = statedLayout ?? LayoutOf(vector) ?? PixelLayout.Planar;
        var shape = ShapeOf(vector, layout) ?? statedShape ?? throw new ArgumentException(
            $"Column '{columnName}' is {columnType}, which does not tell the images' size; expected ImageShape in the options, or a column as ExtractPixels makes it.", nameof(columnType));
        if (statedShape is not null && statedShape != shape || vector.Size > 0 && vector.Size != shape.Length)
            throw new ArgumentException($"Column '{columnName}' is {columnType}, but the images are stated to be {statedShape} ({layout}).", nameof(columnType));
        return new ImageFormat(shape, layout, range);
    }

    private static PixelLayout? LayoutOf(VectorDataViewType vector)
    {
        if (vector.Dimensions.Length != 3)
            return null;
        if (UsualChannels.Contains(vector.Dimensions[0]))
            return PixelLayout.Planar;
        return UsualChannels.Contains(vector.Dimensions[2]) ? PixelLayout.Interleaved : null;
    }

    private static ImageShape? ShapeOf(VectorDataViewType vector, PixelLayout layout)
    {
        if (vector.Dimensions.Length != 3 || vector.Dimensions.Any(size => size <= 0))
            return null;
        var (first, second, third) = (vector.Dimensions[0], vector.Dimensions[1], vector.Dimensions[2]);
        return layout == PixelLayout.Planar ? new ImageShape(first, second, third) : new ImageShape(third, first, second);
    }
}
