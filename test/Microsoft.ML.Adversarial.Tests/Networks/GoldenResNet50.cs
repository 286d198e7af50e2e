using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What torchvision's own ResNet-50 computes from weights and images that a formula gives. Golden/torchvision_resnet50.py made the numbers and explains the formula.</summary>
internal static class GoldenResNet50
{
    private const int Images = 3;

    private static readonly Content Golden = JsonSerializer.Deserialize<Content>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Networks", "Golden", "torchvision_resnet50.json")), JsonSerializerOptions.Web)!;

    public static NetworkArchitecture Architecture { get; } = new() { Backbone = new ResNet(50), Image = new ImageShape(3, 90, 75), ClassCount = 5 };

    /// <summary>Names and shapes in torchvision's order.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Tensors { get; } = [.. Golden.Tensors.Select(Parse)];

    /// <summary>torchvision's logits of each image.</summary>
    public static float[] Logits => [.. Golden.Logits.SelectMany(row => row).Select(value => (float)value)];

    /// <summary>A safetensors file as torchvision's tensors would be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="formulaName">For which name the formula gives a tensor's numbers; null for its own.</param>
    public static void WriteWeights(string path, Func<string, string>? formulaName = null)
    {
        using var scope = NewDisposeScope();
        using var stream = File.Create(path);
        SafeTensors.Write(stream, [.. Tensors.Select(entry => (entry.Name, Weights(formulaName?.Invoke(entry.Name) ?? entry.Name, entry.Shape)))]);
    }

    /// <summary>float32 [3, 3, 90, 75] in [0, 1].</summary>
    public static Tensor ImageBatch()
    {
        var (channels, height, width) = (Architecture.Image.Channels, Architecture.Image.Height, Architecture.Image.Width);
        var pixels =
            from image in Enumerable.Range(0, Images)
            from channel in Enumerable.Range(0, channels)
            from row in Enumerable.Range(0, height)
            from column in Enumerable.Range(0, width)
            select (float)(((image + 1) * row * column / 8 + 5 * channel * column + 3 * image * row) % 64 / 63.0);
        return tensor(pixels.ToArray(), [Images, channels, height, width]);
    }

    private static Tensor Weights(string name, long[] shape)
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
    private static (string Name, long[] Shape) Parse(string line)
    {
        var (name, shape) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf('[', StringComparison.Ordinal) + 1)..^1]);
        return (name, [.. shape.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
    }

    private sealed record Content(string[] Tensors, double[][] Logits);
}
