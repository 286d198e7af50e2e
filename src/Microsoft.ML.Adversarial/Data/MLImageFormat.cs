using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How a column of <see cref="MLImage"/> holds images: opaque, in whole grey levels of red, green and blue, or of grey where there is one channel.</summary>
internal sealed record MLImageFormat(ImageShape Shape) : ImageFormat(Shape)
{
    private const int BytesPerPixel = 4;

    /// <summary>Far below a grey level, far above what scaling by 255 and back leaves of a whole one.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>Reads the size off the column's type; what the caller states must agree with it.</summary>
    /// <exception cref="ArgumentException">The images are of no known size, or not of the stated one, or have neither one channel nor three.</exception>
    public static MLImageFormat Of(string columnName, ImageDataViewType columnType, ImageShape? statedShape)
    {
        var isSized = columnType is { Height: > 0, Width: > 0 };
        var shape = statedShape ?? (isSized ? new ImageShape(3, columnType.Height, columnType.Width) : throw new ArgumentException(
            $"Column '{columnName}' is {columnType}, images of any size; expected ImageShape in the options, or a column as ResizeImages makes it."));
        if (isSized && (columnType.Height, columnType.Width) != (shape.Height, shape.Width))
            throw new ArgumentException($"Column '{columnName}' holds images of {columnType.Width} x {columnType.Height} pixels; expected {shape.Width} x {shape.Height}.");
        return shape.Channels is 1 or 3
            ? new MLImageFormat(shape)
            : throw new ArgumentException($"Column '{columnName}' holds images, and {shape.Channels} channels are asked for; expected 3, or 1 for grey images. For others extract the pixels first.");
    }

    public override bool RoundsImages => true;

    public override ImageCell Open(DataViewRow row, DataViewSchema.Column column) => new MLImageCell(row.GetGetter<MLImage?>(column), column.Name, Shape);

    public override Delegate Getter(Func<ReadOnlyMemory<float>> pixels) =>
        (ValueGetter<MLImage>)((ref MLImage image) => image = MLImage.CreateFromPixels(Shape.Width, Shape.Height, MLPixelFormat.Rgba32, Bytes(pixels().Span)));

    /// <summary>Rounds each pixel to a whole level towards the clean one.</summary>
    public override Tensor Representable(Tensor attacked, Tensor clean)
    {
        using var scope = NewDisposeScope();
        var before = clean.Times(byte.MaxValue).round();
        var move = attacked.Times(byte.MaxValue).PlusScaled(before, -1);
        var whole = move.abs().Plus(Tolerance).floor().mul(move.sign());
        return before.Plus(whole).Times(1.0 / byte.MaxValue).MoveToOuterDisposeScope();
    }

    private byte[] Bytes(ReadOnlySpan<float> pixels)
    {
        var plane = Shape.Height * Shape.Width;
        var bytes = new byte[plane * BytesPerPixel];
        for (var place = 0; place < plane; place++)
        {
            for (var colour = 0; colour < 3; colour++)
                bytes[place * BytesPerPixel + colour] = (byte)Math.Round(Math.Clamp(pixels[colour % Shape.Channels * plane + place], 0, 1) * byte.MaxValue);
            bytes[place * BytesPerPixel + 3] = byte.MaxValue;
        }
        return bytes;
    }
}
