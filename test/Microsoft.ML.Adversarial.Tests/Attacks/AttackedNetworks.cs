using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>The networks that the attack contract is tried on: four classes, images of 3 x 8 x 8.</summary>
public sealed class AttackedNetworks
{
    internal static readonly ImageShape Image = new(3, 8, 8);

    private readonly ImageNetwork residual = Trained();

    internal const int ClassCount = 4;

    internal static string[] Names { get; } = ["linear", "residual, frozen"];

    internal ImageNetwork Residual => residual;

    internal IImageClassifier this[string name] => name switch
    {
        "linear" => LinearClassifier.Of(ClassCount, Image.Length, scale: 0.1),
        "residual, frozen" => residual.Freeze(ImageDomain.Adversarial),
        _ => new Live(residual),
    };

    /// <summary>A few updates, so that the gradients mean something.</summary>
    private static ImageNetwork Trained()
    {
        var architecture = new NetworkArchitecture { Image = Image, ClassCount = ClassCount, Backbone = new ResNet(8) { Width = 8 }, Pixels = new PixelNormalization([0.45], [0.225]) };
        var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        var options = new TrainingOptions { Method = new PlainTraining(), Epochs = 1 };
        new TrainingRun(network, options, new Seed(2), TimeProvider.System).Train((_, first) => Batches().Skip(first), 10, progress: null, CancellationToken.None);
        return network;
    }

    private static IEnumerable<ImageBatch> Batches()
    {
        for (var i = 0; i < 10; i++)
        {
            var (images, labels) = TestImages.Quarters(16, 3, 8, seed: (ulong)i);
            yield return new ImageBatch(images, labels, [.. Enumerable.Range(0, 16).Select(row => (long)row)]);
        }
    }

    /// <summary>The network that is being trained, parameters with gradients and all.</summary>
    private sealed class Live(ImageNetwork network) : IImageClassifier
    {
        public int ClassCount => network.Architecture.ClassCount;

        public Tensor Logits(Tensor images) => network.call(images, new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running));
    }
}
