using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Tooling.ImageData;

/// <summary>The stages of a pipeline before the classifier.</summary>
public static class ImagePreparation
{
    /// <summary>From <see cref="LabeledImage"/> to the columns <c>Label</c>, a key in the order of the class names or of the model, and <c>Features</c>, the pixels as grey levels in 0..255 unless told otherwise.</summary>
    /// <param name="ml">ML.NET.</param>
    /// <param name="images">Which images; they tell the size.</param>
    /// <param name="classes">The key's values where a model has its own; null for those of the images.</param>
    /// <param name="pixels">How the pixels are wanted; null for planar grey levels in <c>Features</c>.</param>
    public static EstimatorChain<ImagePixelExtractingTransformer> Create(MLContext ml, ImageSet images, IReadOnlyList<string>? classes = null, PixelColumn? pixels = null)
    {
        pixels ??= new PixelColumn();
        var scale = (pixels.Maximum - pixels.Minimum) / 255;
        return ml.Transforms.Conversion.MapValueToKey(
            "Label",
            // A model's classes stay in its order.
            keyOrdinality: classes is null ? ValueToKeyMappingEstimator.KeyOrdinality.ByValue : ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence,
            keyData: classes is null ? null : ml.Data.LoadFromEnumerable(classes.Select(name => new ClassName { Name = name })))
            .Append(ml.Transforms.LoadImages("Image", imageFolder: "", "Path"))
            .Append(ml.Transforms.ResizeImages("Image", images.Width, images.Height))
            .Append(ml.Transforms.ExtractPixels(
                pixels.Name, "Image", images.IsGrey ? ImagePixelExtractingEstimator.ColorBits.Red : ImagePixelExtractingEstimator.ColorBits.Rgb,
                interleavePixelColors: pixels.IsInterleaved, offsetImage: -pixels.Minimum / scale, scaleImage: scale));
    }

    private sealed class ClassName
    {
        public string Name { get; init; } = "";
    }
}
