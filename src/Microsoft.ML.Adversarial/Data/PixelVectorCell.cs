using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>An image in a column of vectors: values in the stated range are mapped onto [0, 1], others are refused.</summary>
internal sealed class PixelVectorCell(ValueGetter<VBuffer<float>> getter, string column, PixelVectorFormat format) : ImageCell
{
    /// <summary>Scaled pixels carry float32 rounding; a ten-thousandth of the range forgives it and is far below a grey level.</summary>
    private readonly float tolerance = 1e-4f * format.Range.Span;

    private VBuffer<float> buffer;

    public override void Fetch()
    {
        getter(ref buffer);
        // Of a row without a path LoadImages makes no image, and ExtractPixels a vector without values.
        if (!buffer.IsDense && buffer.GetValues().IsEmpty)
            throw new InvalidDataException("There is no image in this row.");
    }

    public override float CopyTo(Span<float> pixels)
    {
        if (buffer.Length != pixels.Length)
            throw new InvalidDataException($"column '{column}' holds {buffer.Length} values; expected {pixels.Length}, an image of {format.Shape}.");
        var highest = float.NegativeInfinity;
        foreach (var (index, value) in buffer.Items(all: true))
        {
            if (!(value >= format.Range.Minimum - tolerance && value <= format.Range.Maximum + tolerance))
                throw new InvalidDataException(
                    FormattableString.Invariant($"column '{column}' holds {value} at position {index}; expected pixels in {format.Range}, as PixelRange says."));
            highest = Math.Max(highest, value);
            pixels[format.PlanarPosition(index)] = Math.Clamp((value - format.Range.Minimum) / format.Range.Span, 0, 1);
        }
        return highest;
    }
}
