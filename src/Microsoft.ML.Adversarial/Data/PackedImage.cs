namespace Microsoft.ML.Adversarial;

/// <summary>One labelled image in planar order, in bytes where its pixels are whole grey levels, as pixels of image files are; otherwise in floats.</summary>
internal sealed class PackedImage
{
    /// <summary>In grey levels: what scaling to another range and back leaves of a whole one.</summary>
    private const float Rounding = 1e-3f;

    private readonly byte[]? greyLevels;
    private readonly float[]? values;

    /// <param name="row">The row it came from.</param>
    /// <param name="label">Its class, from 0.</param>
    /// <param name="pixels">[channels, height, width] in [0, 1]; kept or copied.</param>
    public PackedImage(long row, int label, float[] pixels)
    {
        Row = row;
        Label = label;
        greyLevels = Pack(pixels);
        values = greyLevels is null ? (float[])pixels.Clone() : null;
    }

    private PackedImage(PackedImage other, long row) => (Row, Label, greyLevels, values) = (row, other.Label, other.greyLevels, other.values);

    /// <summary>In the place of an image that was not read.</summary>
    public static PackedImage Untouched { get; } = new(row: -1, label: -1, []);

    public long Row { get; }

    public int Label { get; }

    /// <summary>Whether every pixel is a whole grey level.</summary>
    public bool IsWholeLevels => greyLevels is not null;

    public float this[int index] => greyLevels is null ? values![index] : greyLevels[index] / 255f;

    /// <summary>The same with other random streams.</summary>
    public PackedImage WithRow(long row) => new(this, row);

    private static byte[]? Pack(float[] pixels)
    {
        var bytes = new byte[pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            bytes[i] = (byte)MathF.Round(pixels[i] * 255);
            if (MathF.Abs(bytes[i] - pixels[i] * 255) > Rounding)
                return null;
        }
        return bytes;
    }
}
