using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What torchvision's own ResNet-50 computes from weights and images that a formula gives. Golden/torchvision_resnet50.py made the numbers.</summary>
internal static class GoldenResNet50
{
    private const int Images = 3;

    private static readonly Content Golden = JsonSerializer.Deserialize<Content>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Networks", "Golden", "torchvision_resnet50.json")), JsonSerializerOptions.Web)!;

    public static NetworkArchitecture Architecture { get; } = new() { Backbone = new ResNet(50), Image = new ImageShape(3, 90, 75), ClassCount = 5 };

    /// <summary>Names and shapes in torchvision's order.</summary>
    public static IReadOnlyList<(string Name, long[] Shape)> Tensors { get; } = [.. Golden.Tensors.Select(GoldenFormula.Parse)];

    /// <summary>torchvision's logits of each image.</summary>
    public static float[] Logits => [.. Golden.Logits.SelectMany(row => row).Select(value => (float)value)];

    /// <summary>A safetensors file as torchvision's tensors would be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="formulaName">For which name the formula gives a tensor's numbers; null for its own.</param>
    public static void WriteWeights(string path, Func<string, string>? formulaName = null)
    {
        using var scope = NewDisposeScope();
        using var stream = File.Create(path);
        SafeTensors.Write(stream, [.. Tensors.Select(entry => (entry.Name, GoldenFormula.Weights(formulaName?.Invoke(entry.Name) ?? entry.Name, entry.Shape)))]);
    }

    /// <summary>float32 [3, 3, 90, 75] in [0, 1].</summary>
    public static Tensor ImageBatch() => GoldenFormula.Images(Images, Architecture.Image);

    private sealed record Content(string[] Tensors, double[][] Logits);
}
