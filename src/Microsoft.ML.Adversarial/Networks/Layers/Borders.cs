namespace Microsoft.ML.Adversarial;

/// <summary>Pixels added to each side of an image.</summary>
internal readonly record struct Borders(int Left, int Right, int Top, int Bottom)
{
    /// <summary>The same at every side.</summary>
    public static Borders Even(int pixels) => new(pixels, pixels, pixels, pixels);

    /// <summary>
    /// As few as let a kernel stand at every stride-th pixel; where they cannot be halved, the odd one is at the right and at the bottom. What TensorFlow and JAX call SAME.
    /// </summary>
    public static Borders AtEnd(int height, int width, int kernel, int stride)
    {
        var (rows, columns) = (Total(height), Total(width));
        return new(columns / 2, columns - columns / 2, rows / 2, rows - rows / 2);

        int Total(int size) => Math.Max(0, (size - 1) / stride * stride + kernel - size);
    }
}
