using Microsoft.ML.Adversarial;

namespace Microsoft.ML;

/// <summary>The way in: <c>ml.Adversarial()</c>.</summary>
public static class MLContextExtensions
{
    /// <summary>Trainers and evaluation of image classifiers that withstand adversarial perturbations.</summary>
    /// <param name="mlContext">Gives seed, GPU and channels.</param>
    /// <returns>The catalog.</returns>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.Transforms.LoadImages("Image", folder, "Path"))
    ///     .Append(ml.Transforms.ResizeImages("Image", 32, 32))
    ///     .Append(ml.Transforms.ExtractPixels("Features", "Image"))
    ///     .Append(ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
    ///     {
    ///         Backbone = new ResNet(8),
    ///         Epochs = 2,
    ///         LearningRate = 0.1,
    ///         Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 5 }),
    ///         Augmentation = new Augmentation { CropPadding = 2 },
    ///         MetricsCallback = metrics => Console.WriteLine($"{metrics.Epoch}: loss {metrics.Loss:f3}, {metrics.Remaining} left"),
    ///     }))
    ///     .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
    ///
    /// var model = pipeline.Fit(train);
    /// </code>
    /// </example>
    public static AdversarialCatalog Adversarial(this MLContext mlContext) => new(Require.NotNull(mlContext, nameof(mlContext)));
}
