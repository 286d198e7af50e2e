
namespace Microsoft.ML.Adversarial;

/// <summary>A part of an image, in pixels.</summary>
internal readonly record struct ImageWindow(int Top, int Left, int Height, int Width)
{
    /// <summary>Writes the window at the size of the image it lies in, bilinearly; pixels outside the window have no part in it.</summary>
    public void WriteResized(PackedImage image, ImageShape shape, bool mirrors, Span<float> target)
    {
        var rows = Taps(Top, Height, shape.Height);
        var columns = Taps(Left, Width, shape.Width);
        if (mirrors)
            Array.Reverse(columns);

        var written = 0;
        for (var plane = 0; plane < shape.Channels; plane++)
            foreach (var row in rows)
            {
                var upper = (plane * shape.Height + row.First) * shape.Width;
                var lower = (plane * shape.Height + row.Second) * shape.Width;
                foreach (var column in columns)
                {
                    var above = Blend(image[upper + column.First], image[upper + column.Second], column.Share);
                    var below = Blend(image[lower + column.First], image[lower + column.Second], column.Share);
                    target[written++] = Blend(above, below, row.Share);
                }
            }
    }

    /// <summary>Where each of so many pixels lies in a line of the window, by the pixels' centres: the middle of pixel i lies at (i + 1/2) * length / count.</summary>
    private static Tap[] Taps(int start, int length, int count)
    {
        var taps = new Tap[count];
        for (var i = 0; i < count; i++)
        {
            var position = Math.Clamp((i + 0.5) * length / count - 0.5, 0, length - 1);
            var first = (int)position;
            taps[i] = new Tap(start + first, start + Math.Min(first + 1, length - 1), (float)(position - first));
        }
        return taps;
    }

    /// <summary>Between both, also as rounded: never outside [0, 1] where they are inside.</summary>
    private static float Blend(float first, float second, float share) => first + (second - first) * share;

    /// <summary>Two neighbouring pixels of a line, and the weight of the second.</summary>
    private readonly record struct Tap(int First, int Second, float Share);
}
