using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>
/// What crafting in bfloat16 costs in accuracy: the same network trained with several seeds in either precision, measured in float32. Everything that is done stays in the folder, and
/// the same command goes on from there.
/// </summary>
internal sealed class RoundingStudy(RoundingSettings settings, CancellationToken cancellation)
{
    private const int TrainingImagesOfClass = 800, ImagesUnderAutoAttack = 500, Order = 1;

    private readonly MLContext ml = new(seed: 1);

    private static PgdAttack Pgd { get; } = new(Budget.LInf(8)) { Steps = 20 };

    public void Run()
    {
        settings.Check();
        var (training, test) = TrainingAndTestImages.Read(settings.Images, settings.TestImages, TrainingImagesOfClass, Order, Path.Combine(settings.Folder, "images"));
        Console.WriteLine($"ResNet-14, width 16, 12 epochs on {training.Images.Count} images, PGD-5 within {Pgd.Budget}; PGD-20 on {test.Images.Count} images, AutoAttack on {Math.Min(ImagesUnderAutoAttack, test.Images.Count)}.");
        Console.WriteLine();
        Console.WriteLine("| seed | crafting | clean | PGD-20 | AutoAttack | training |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|");
        var pairs = new List<(RoundingResult Single, RoundingResult Rounded)>();
        foreach (var seed in Enumerable.Range(1, settings.Seeds))
            pairs.Add((Measure(training, test, seed, Precision.Single), Measure(training, test, seed, Precision.BFloat16)));
        Console.WriteLine();
        foreach (var (name, of) in RoundingResult.Accuracies)
        {
            var difference = MeanDifference.Of(pairs.Select(pair => of(pair.Rounded) - of(pair.Single)));
            Console.WriteLine(FormattableString.Invariant($"{name}: bfloat16 is {difference.Mean * 100:+0.0;-0.0;0.0} points from float32, two standard errors are {2 * difference.StandardError * 100:0.0}"));
        }
    }

    private RoundingResult Measure(ImageSet training, ImageSet test, int seed, Precision precision)
    {
        var folder = Path.Combine(settings.Folder, FormattableString.Invariant($"{precision}-{seed}"));
        var preparation = ImagePreparation.Create(ml, training).Fit(training.AsView(ml));
        var trainer = ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
        {
            Backbone = new ResNet(14) { Width = 16 },
            Method = new AdversarialTraining(Pgd with { Steps = 5 }),
            Epochs = 12,
            BatchSize = 100,
            LearningRate = 0.2,
            Augmentation = new Augmentation { HorizontalFlip = true, CropPadding = 4 },
            PixelLayout = PixelLayout.Planar,
            CraftingPrecision = precision,
            Checkpoints = new CheckpointOptions(folder) { Keep = 1 },
            ResumeFrom = folder,
            Seed = seed,
            CancellationToken = cancellation,
        });
        using var model = trainer.Fit(preparation.Transform(training.AsView(ml)));
        var pgd = Evaluate(model, preparation.Transform(test.AsView(ml)), Pgd, Path.Combine(folder, "pgd.jsonl"));
        var autoAttack = Evaluate(model, preparation.Transform(test.TakeEvenly(ImagesUnderAutoAttack).AsView(ml)), AutoAttack.Standard(Pgd.Budget), Path.Combine(folder, "autoattack.jsonl"));
        var result = new RoundingResult(pgd.CleanAccuracy.Accuracy, pgd.WorstCaseAccuracy.Accuracy, autoAttack.WorstCaseAccuracy.Accuracy);
        Console.WriteLine(FormattableString.Invariant(
            $"| {seed} | {precision} | {result.Clean * 100:0.0} % | {result.Pgd * 100:0.0} % | {result.AutoAttack * 100:0.0} % | {model.TrainingTime.TotalMinutes:0.0} min |"));
        return result;
    }

    private RobustnessEvaluation Evaluate(ITransformer model, IDataView data, Attack attack, string state) =>
        ml.Adversarial().EvaluateRobustness(model, data, [attack], new RobustnessEvaluationOptions { Seed = 1, StateFile = state, CancellationToken = cancellation });
}
