using Microsoft.ML.Runtime;
using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>
/// Single steps in training, against which a network learns gradients that lead nowhere: it withstands every image's attack in training, and several steps break all. One convolution is enough for it
/// (Andriushchenko and Flammarion 2020, who align gradients against it). Says when the library noticed.
/// </summary>
internal sealed class OverfittingStudy(OverfittingSettings settings, CancellationToken cancellation)
{
    private const int TrainingImagesOfClass = 800, Order = 1;

    private Budget Budget => Budget.LInf(settings.Epsilon);

    private IReadOnlyList<(string Name, TrainingMethod Method)> Methods =>
    [
        ("FGSM", new AdversarialTraining(PgdAttack.Fgsm(Budget)) { CleanRatio = 0 }),
        ("FGSM-RS", new AdversarialTraining(PgdAttack.FgsmRandomStart(Budget)) { CleanRatio = 0 }),
        ("FGSM-RS, aligned", new GradientAlignment(new AdversarialTraining(PgdAttack.FgsmRandomStart(Budget)) { CleanRatio = 0 })),
    ];

    public void Run()
    {
        settings.Check();
        var images = ImageFolder.Read(settings.Images, TrainingImagesOfClass, Order);
        Console.WriteLine(FormattableString.Invariant($"One convolution on {images.Images.Count} images, a twentieth of them set apart, {settings.Epochs} epochs in batches of 32, one-cycle to 0.003; {Budget}."));
        Console.WriteLine();
        Console.WriteLine("| method | seed | training attack withstood, last epoch | PGD-10 withstood, best epoch | PGD-10 withstood, last epoch | clean, last epoch | what the library said, and when |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var (name, method) in Methods)
            foreach (var seed in Enumerable.Range(1, settings.Seeds))
                Train(images, name, method, seed);
    }

    private void Train(ImageSet images, string name, TrainingMethod method, int seed)
    {
        var ml = new MLContext(seed);
        var (epoch, withstood, said) = (0, 0.0, new List<string>());
        ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
                said.Add(FormattableString.Invariant($"epoch {epoch}: {message.RawMessage.Split(". ")[0]}"));
        };
        var path = Path.Combine(Directory.CreateDirectory(settings.Folder).FullName, "one-convolution.onnx");
        OneConvolution.Write(path, new ImageShape(images.IsGrey ? 1 : 3, images.Height, images.Width), images.Classes.Count, new Seed((ulong)seed));
        var trainer = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Backbone = ml.Adversarial().LoadBackbone(path, new NetworkFileOptions { PixelNormalization = new PixelNormalization([0.5f], [0.25f]) }),
            Method = method,
            Epochs = settings.Epochs,
            BatchSize = 32,
            LearningRate = 0.003,
            Schedule = LearningRateSchedule.OneCycle(),
            PixelLayout = PixelLayout.Planar,
            CacheImages = true,
            Selection = new ModelSelection(new PgdAttack(Budget)),
            ValidationFraction = 0.05,
            MetricsCallback = metrics => (epoch, withstood) = (metrics.Epoch, metrics.RobustAccuracy),
            Seed = seed,
            CancellationToken = cancellation,
        });
        var view = images.AsView(ml);
        using var model = trainer.Fit(ImagePreparation.Create(ml, images).Fit(view).Transform(view));
        var (best, last) = (model.ValidatedEpochs.MaxBy(validated => validated.RobustAccuracy)!, model.ValidatedEpochs[^1]);
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {seed} | {withstood * 100:f1} % | {best.RobustAccuracy * 100:f1} % (epoch {best.Epoch}) | {last.RobustAccuracy * 100:f1} % | {last.CleanAccuracy * 100:f1} % | {(said.Count == 0 ? "nothing" : string.Join("; ", said))} |"));
    }
}
