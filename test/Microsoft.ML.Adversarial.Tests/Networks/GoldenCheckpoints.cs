using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What networks with the public checkpoints' names compute. Golden/public_checkpoints.py made the numbers.</summary>
internal static class GoldenCheckpoints
{
    private static readonly Content Golden = JsonSerializer.Deserialize<Content>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Networks", "Golden", "public_checkpoints.json")), JsonSerializerOptions.Web)!;

    private static readonly Dictionary<string, Backbone> Backbones = new()
    {
        ["pytorch-cifar's ResNet-18"] = new ResNet(18) { Width = 8 },
        ["pytorch-cifar's ResNet-50"] = new ResNet(50) { Width = 4, Family = NetworkFamily.FourStage },
        ["PreActResNet-18"] = new PreActResNet(18) { Width = 8 },
        ["PreActResNet-34, Softplus"] = new PreActResNet(34) { Width = 4, Activation = Activation.Softplus },
        ["PreActResNet-50"] = new PreActResNet(50) { Width = 4 },
        ["TRADES' WideResNet-16-2"] = new WideResNet(16, 2),
        ["TRADES' WideResNet-10-1, SiLU"] = new WideResNet(10, 1) { Activation = Activation.Silu },
        ["DeepMind's WideResNet-16-2, SiLU"] = new WideResNet(16, 2) { Activation = Activation.Silu, PadsAtEnd = true },
    };

    public static IEnumerable<string> Names => Golden.Networks.Keys;

    /// <summary>CIFAR-10's mean and deviation, which some of the files hold.</summary>
    public static PixelNormalization Pixels { get; } = new(Golden.Mean, Golden.Deviation);

    public static NetworkArchitecture Architecture(string name) => new()
    {
        Backbone = Backbones[name],
        Image = new ImageShape(3, 32, 24),
        ClassCount = 5,
        Pixels = Golden.Networks[name].Tensors.Any(line => IsOfPixels(GoldenFormula.Parse(line).Name)) ? Pixels : PixelNormalization.SymmetricRange,
    };

    /// <summary>The reference's logits of each image, computed in float64.</summary>
    public static Tensor Logits(string name) => tensor(Golden.Networks[name].Logits.SelectMany(row => row).Select(value => (float)value).ToArray(), [Images, 5]);

    public static Tensor ImageBatch(string name) => GoldenFormula.Images(Images, Architecture(name).Image);

    /// <summary>As the file holds them, under its names.</summary>
    public static List<(string Name, Tensor Tensor)> Tensors(string name) => [.. Golden.Networks[name].Tensors.Select(GoldenFormula.Parse).Select(entry => (entry.Name, Numbers(entry.Name, entry.Shape)))];

    private const int Images = 3;

    private static Tensor Numbers(string name, long[] shape) =>
        IsOfPixels(name) ? tensor((name.Split('.')[^1] is "mean" or "mu" ? Golden.Mean : Golden.Deviation).Select(value => (float)value).ToArray(), shape) : GoldenFormula.Weights(name, shape);

    private static bool IsOfPixels(string name) => name.Split('.')[^1] is "mean" or "mu" or "std" or "sigma";

    private sealed record Content(double[] Mean, double[] Deviation, Dictionary<string, Network> Networks);

    private sealed record Network(string[] Tensors, double[][] Logits);
}
