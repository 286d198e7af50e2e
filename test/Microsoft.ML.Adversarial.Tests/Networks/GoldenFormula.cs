using System.Text;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Weights and images that a formula gives; Golden/golden_formula.py is the same one and explains it.</summary>
internal static class GoldenFormula
{
    /// <summary>float32 [count, channels, height, width] in [0, 1]: saddles and slopes that each image and each channel has for itself.</summary>
    public static Tensor Images(int count, ImageShape shape)
    {
        var pixels =
            from image in Enumerable.Range(0, count)
            from channel in Enumerable.Range(0, shape.Channels)
            from row in Enumerable.Range(0, shape.Height)
            from column in Enumerable.Range(0, shape.Width)
            select (float)(((image + 1) * row * column / 8 + 5 * channel * column + 3 * image * row) % 64 / 63.0);
        return tensor(pixels.ToArray(), [count, shape.Channels, shape.Height, shape.Width]);
    }

    public static Tensor Weights(string name, long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var start = Hash(name);
        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            return tensor((long)(Uniform(start, 0) * 1000));
        var bound = Math.Sqrt(6.0 / (count / (shape.Length > 0 ? shape[0] : 1)));
        Func<double, double> value = name switch
        {
            _ when shape.Length > 1 => uniform => (2 * uniform - 1) * bound,
            _ when name.EndsWith("running_var", StringComparison.Ordinal) => uniform => 0.75 + uniform / 2,
            _ when name.EndsWith("weight", StringComparison.Ordinal) => uniform => 0.5 + uniform / 2,
            _ => uniform => (2 * uniform - 1) / 10,
        };
        var numbers = new float[count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (float)value(Uniform(start, (uint)i));
        return tensor(numbers, shape);
    }

    /// <summary>FNV-1a.</summary>
    private static uint Hash(string name) => Encoding.UTF8.GetBytes(name).Aggregate(0x811C9DC5, (hash, part) => unchecked((hash ^ part) * 0x01000193));

    /// <summary>The last steps of murmur3, over 2^32.</summary>
    private static double Uniform(uint start, uint index)
    {
        var x = unchecked(index * 0x9E3779B9 + start);
        x = unchecked((x ^ (x >> 16)) * 0x85EBCA6B);
        x = unchecked((x ^ (x >> 13)) * 0xC2B2AE35);
        return (x ^ (x >> 16)) / 4294967296.0;
    }

    /// <summary>From <c>name [1, 2]</c>.</summary>
    public static (string Name, long[] Shape) Parse(string line)
    {
        var (name, shape) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf('[', StringComparison.Ordinal) + 1)..^1]);
        return (name, [.. shape.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
    }
}
