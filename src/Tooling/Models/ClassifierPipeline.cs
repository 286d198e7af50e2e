using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Tooling.ImageData;

namespace Tooling.Models;

/// <summary>From image files to classes: the pipeline that programs train.</summary>
public static class ClassifierPipeline
{
    /// <param name="ml">ML.NET.</param>
    /// <param name="training">The size of its images is that of the pipeline's.</param>
    /// <param name="options">The classifier's; its pixels are planar grey levels.</param>
    /// <returns>With the classifier in it, and <c>PredictedClass</c>, the class as text, behind it.</returns>
    public static TransformerChain<ITransformer> Fit(MLContext ml, ImageSet training, ImageClassificationOptions options) =>
        ImagePreparation.Create(ml, training)
            .Append(ml.Adversarial().Trainers.ImageClassification(options with { PixelLayout = PixelLayout.Planar }))
            .Append<ITransformer>(ml.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"))
            .Fit(training.AsView(ml));
}
