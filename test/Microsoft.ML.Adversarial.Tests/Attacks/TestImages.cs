using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>Images and labels for tests, drawn from a generator of their own.</summary>
internal static class TestImages
{
    /// <summary>float32 [count, channels, height, width], uniform in [0, 1), black and white pixels among them.</summary>
    public static Tensor Uniform(int count, int channels, int height, int width, ulong seed = 7)
    {
        using var generator = new Seed(seed).TorchGenerator();
        // Stretched beyond [0, 1] and clipped, so that some pixels lie on the range's ends.
        return rand([count, channels, height, width], generator: generator).TimesInPlace(1.2).AddInPlace(-0.1).ClampInPlace(0, 1);
    }

    public static Tensor Grey(int count, int channels, int height, int width) => ones([count, channels, height, width]).TimesInPlace(0.5);

    /// <summary>int64 [count]: 0, 1, ..., classes - 1, 0, ...</summary>
    public static Tensor Labels(int count, int classes) =>
        tensor(Enumerable.Range(0, count).Select(index => (long)(index % classes)).ToArray());

    /// <summary>One number a class: the quarter of the image that is brighter. Learnt in a few steps.</summary>
    public static (Tensor Images, Tensor Labels) Quarters(int count, int channels, int side, ulong seed = 11)
    {
        var images = Uniform(count, channels, side, side, seed).TimesInPlace(0.6);
        var half = side / 2;
        for (var i = 0; i < count; i++)
        {
            var (top, left) = (i % 4 / 2 * half, i % 2 * half);
            images[i, TensorIndex.Colon, top..(top + half), left..(left + half)].AddInPlace(0.4);
        }
        return (images, Labels(count, 4));
    }

    public static float[] ToArray(Tensor values) => values.cpu().contiguous().data<float>().ToArray();
}
