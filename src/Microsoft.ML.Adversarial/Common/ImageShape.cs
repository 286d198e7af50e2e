namespace Microsoft.ML.Adversarial;

/// <summary>The size of every image of a data set, in pixels and colour planes.</summary>
public sealed record ImageShape
{
    /// <summary>An image size.</summary>
    /// <param name="channels">Colour planes: 1 for grey, 3 for colour; from 1 to 64.</param>
    /// <param name="height">Rows of pixels, from 1 to 4096.</param>
    /// <param name="width">Columns of pixels, from 1 to 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size lies outside its range.</exception>
    public ImageShape(int channels, int height, int width)
    {
        Channels = Require.InRange(channels, 1, 64, nameof(channels));
        Height = Require.InRange(height, 1, 4096, nameof(height));
        Width = Require.InRange(width, 1, 4096, nameof(width));
    }

    /// <summary>Colour planes: 1 for grey, 3 for colour.</summary>
    public int Channels { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Columns of pixels.</summary>
    public int Width { get; }

    /// <summary>Numbers in one image.</summary>
    internal int Length => Channels * Height * Width;

    /// <inheritdoc/>
    public override string ToString() => $"{Channels} x {Height} x {Width} (channels x height x width)";
}
