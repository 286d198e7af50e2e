using Microsoft.ML.Adversarial;
using static TorchSharp.torch;

namespace Samples.RobustnessExplorer.Models;

/// <summary>A network read from its file, asked about one image at a time.</summary>
public sealed class ExplorerModel(string name, DeployedClassifier deployed) : IDisposable
{
    public string Name { get; } = name;

    public DeployedClassifier Deployed { get; } = deployed;

    public IImageClassifier Network { get; } = deployed.Network;

    public IReadOnlyList<string> Classes { get; } = deployed.ClassNames;

    public ImageShape Shape { get; } = deployed.ImageShape;

    /// <param name="pixels">[channels, height, width] in [0, 1].</param>
    public Answer Ask(float[] pixels)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return Answer.Of(Network.Logits(ToTensor(pixels)));
    }

    /// <returns>float32 [1, channels, height, width], in the current dispose scope.</returns>
    public Tensor ToTensor(float[] pixels) => tensor(pixels, [1, Shape.Channels, Shape.Height, Shape.Width]);

    public void Dispose() => Deployed.Dispose();
}
