using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Adversarial.Data;
using Microsoft.ML.Adversarial.Training;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;
using Samples.ImageData;

namespace Samples.TrainRobustClassifier;

/// <summary>The whole story: read images, train both models, attack both, write everything down.</summary>
public sealed class Comparison(SampleSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(settings.Seed);

    public void Run()
    {
        settings.Check();
        var output = new OutputFolder(settings.Output);
        var (training, test) = ReadImages(output);
        using var display = new Display(settings, training, test);

        var robust = Train("robust", new AdversarialTraining(settings.TrainingAttack), training, test, display);
        var plain = Train("plain", new PlainTraining(), training, test, display);
        using var robustModel = robust.Model;
        using var plainModel = plain.Model;
        display.ShowComparison([robust, plain]);

        output.Write("model.zip", path => ml.Model.Save(robust.Pipeline, View(training).Schema, path));
        output.Write("model.onnx", robust.Model.ExportOnnx);
        output.Write("report.json", path => ReportFile.Write(path, settings, training, test, [robust, plain]));
        output.Write("attacked-images.png", path => new PictureSheet(ml, settings, test).Draw(robust, plain, path));
        Display.ShowFiles(output.Written);
    }

    private (ImageSet Training, ImageSet Test) ReadImages(OutputFolder output)
    {
        if (settings.Images is null && settings.TestImages is not null)
            throw new ArgumentException("--test-images is given without --images; expected both, or neither for the embedded letters.");
        if (settings.Images is { } folder)
        {
            var images = ImageFolder.Read(folder, settings.Limit, settings.Seed);
            return settings.TestImages is { } testFolder
                ? (images, Checked(ImageFolder.Read(testFolder, null, settings.Seed), images))
                : images.Split(0.2);
        }
        var (train, test) = EmbeddedLetters.UnpackTo(Path.Combine(output.Path, "letters"));
        return (ImageFolder.Read(train, settings.Limit, settings.Seed), ImageFolder.Read(test, null, settings.Seed));
    }

    private static ImageSet Checked(ImageSet test, ImageSet training)
    {
        if (test.Classes.Except(training.Classes).FirstOrDefault() is { } unknown)
            throw new InvalidDataException($"The test images have a class '{unknown}' that the training images lack; expected {string.Join(", ", training.Classes)}.");
        if ((test.Width, test.Height) != (training.Width, training.Height))
            throw new InvalidDataException($"The test images are {test.Width} x {test.Height} pixels; expected {training.Width} x {training.Height}, as the training images are.");
        // Grey files read as colours hold the same level three times; colours read as grey would lose two of three.
        if (training.IsGrey && !test.IsGrey)
            throw new InvalidDataException("The training images are grey and the test images are not; expected both grey or both in colour.");
        return test with { IsGrey = training.IsGrey };
    }

    private TrainedModel Train(string name, TrainingObjective objective, ImageSet training, ImageSet test, Display display)
    {
        var trainer = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
        {
            Depth = settings.Depth,
            Width = settings.Width,
            Objective = objective,
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            LearningRate = settings.LearningRate,
            // On attacked images a small rate learns next to nothing: a short run rises soon, from a fifth of the peak.
            Schedule = LearningRateSchedule.OneCycle(riseFraction: 0.2, initialDivisor: 5),
            Augmentation = new Augmentation { HorizontalFlip = settings.MirrorsImages, CropPadding = settings.Images is null ? 2 : 4 },
            PixelLayout = PixelLayout.Planar,
            CacheImages = true,
            Seed = settings.Seed,
            MetricsCallback = metrics => display.ShowTraining(name, metrics),
            CancellationToken = cancellation,
        });
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.LoadImages("Image", imageFolder: "", "Path"))
            .Append(ml.Transforms.ResizeImages("Image", training.Width, training.Height))
            .Append(ml.Transforms.ExtractPixels(
                "Features", "Image", training.IsGrey ? ImagePixelExtractingEstimator.ColorBits.Red : ImagePixelExtractingEstimator.ColorBits.Rgb))
            .Append(trainer)
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

        var clock = Stopwatch.StartNew();
        var fitted = pipeline.Fit(View(training));
        var seconds = clock.Elapsed.TotalSeconds;
        var model = fitted.OfType<ImageClassificationTransformer>().Single();
        var evaluation = ml.Adversarial().EvaluateRobustness(fitted, View(test), [settings.EvaluationAttack], new RobustnessEvaluationOptions
        {
            Seed = settings.Seed,
            ProgressCallback = progress => display.ShowEvaluation(name, progress),
            CancellationToken = cancellation,
        });
        return new TrainedModel(name, fitted, model, evaluation, seconds);
    }

    private IDataView View(ImageSet set) => ml.Data.LoadFromEnumerable(set.Images);
}
