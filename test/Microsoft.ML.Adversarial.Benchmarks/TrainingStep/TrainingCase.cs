namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A network and the batch that it is trained on.</summary>
/// <param name="Name">For the benchmark's name.</param>
/// <param name="Architecture">The network.</param>
/// <param name="Batch">Images.</param>
/// <param name="TypicalLayer">A convolution of its middle stage.</param>
internal sealed record TrainingCase(string Name, NetworkArchitecture Architecture, int Batch, ConvolutionShape TypicalLayer)
{
    private const int SmallDepth = 20, SmallSize = 32;

    public static TrainingCase SmallImages(int width, int batch) => new(
        $"ResNet-{SmallDepth}, width {width}, batch {batch}",
        Small(width, channels: 3, classCount: 10),
        batch,
        MiddleLayer(width, batch));

    public static TrainingCase LargeImages(int batch) => new(
        $"ResNet-50, 224 px, batch {batch}",
        new NetworkArchitecture { Image = new ImageShape(3, 224, 224), ClassCount = 1000, Backbone = new ResNet(50) },
        batch,
        new ConvolutionShape(Channels: 256, Size: 14, batch));

    public static NetworkArchitecture Small(int width, int channels, int classCount) => new()
    {
        Image = new ImageShape(channels, SmallSize, SmallSize),
        ClassCount = classCount,
        Backbone = new ResNet(SmallDepth) { Width = width },
    };

    public static ConvolutionShape MiddleLayer(int width, int batch) => new(2 * width, SmallSize / 2, batch);
}
