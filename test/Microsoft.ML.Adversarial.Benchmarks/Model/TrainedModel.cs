using Tooling.ImageData;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>A robust ResNet-20 of width 16, test images, and a budget within which about 30 % of them stand.</summary>
internal sealed class TrainedModel : IDisposable
{
    public const int Width = 16, TestImages = 200;

    private const double StandingShare = 0.3;

    private readonly MLContext ml = new(seed: 1);
    private readonly ImageClassificationTransformer transformer;
    private readonly DataViewSchema schema;

    private TrainedModel(ImageClassificationTransformer transformer, IDataView test)
    {
        (this.transformer, schema) = (transformer, test.Schema);
        Frozen = transformer.Freeze(ImageDomain.Adversarial);
        Test = TestBatches.Read(new ImageReader(test, transformer.Columns.Features, transformer.Columns.Label, transformer.Format), TestImages);
        Network = ImageNetwork.Create(TrainingCase.Small(Width, transformer.Format.Shape.Channels, transformer.ClassNames.Count), CPU, new Seed(1));
        if (!transformer.WarmStart(Network))
            throw new InvalidOperationException("The images are not 32 x 32; expected that size, for which the layers that are timed alone are given.");
        GreyLevels = StandingBudget.Find(Frozen, Test, StandingShare);
    }

    public FrozenNetwork Frozen { get; }

    /// <summary>The same weights, not frozen.</summary>
    public ImageNetwork Network { get; }

    public TestBatches Test { get; }

    /// <summary>The radius of the budget.</summary>
    public double GreyLevels { get; }

    public static ConvolutionShape TypicalLayer => TrainingCase.MiddleLayer(Width, TestBatches.BatchSize);

    /// <summary>A finished training goes on from its last checkpoint, which is its end.</summary>
    public static TrainedModel Train(BenchmarkImages images, string folder, CancellationToken cancellation)
    {
        var ml = new MLContext(seed: 1);
        var preparation = ImagePreparation.Create(ml, images.Training).Fit(images.Training.AsView(ml));
        var trainer = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Backbone = new ResNet(20) { Width = Width },
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(images.GreyLevels)) { Steps = 3 }),
            Epochs = 10,
            BatchSize = 50,
            Schedule = LearningRateSchedule.OneCycle(riseFraction: 0.2, initialDivisor: 5),
            Augmentation = new Augmentation { CropPadding = 2 },
            PixelLayout = PixelLayout.Planar,
            CacheImages = true,
            Checkpoints = new CheckpointOptions(folder) { Keep = 1 },
            ResumeFrom = folder,
            Seed = 1,
            CancellationToken = cancellation,
        });
        return new TrainedModel(trainer.Fit(preparation.Transform(images.Training.AsView(ml))), preparation.Transform(images.Test.AsView(ml)));
    }

    /// <summary>The classifier alone, from pixels to scores.</summary>
    public void Save(string path) => ml.Model.Save(transformer, schema, path);

    /// <summary>The network, with its logits, for images on the scale of 0 to 255.</summary>
    public void Export(string path) => transformer.ExportOnnx(path);

    public void Dispose()
    {
        Test.Dispose();
        Network.Dispose();
        Frozen.Dispose();
        transformer.Dispose();
    }
}
