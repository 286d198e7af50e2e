using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.ImageData;

namespace Tooling.Models;

/// <summary>Images as a network from a file takes them.</summary>
public static class DeployedImages
{
    /// <summary>The same files, to be resized to this shape.</summary>
    public static ImageSet As(this ImageSet images, ImageShape shape) => images with { Width = shape.Width, Height = shape.Height, IsGrey = shape.Channels == 1 };

    /// <summary>An ONNX file is the network alone: it gets the column of pixels that it takes, and the labels as keys in its order of classes.</summary>
    public static IDataView Prepare(MLContext ml, ImageSet images, DeployedClassifier model)
    {
        var range = model.PixelRange;
        var pixels = new PixelColumn { Name = model.FeatureColumnName, IsInterleaved = model.PixelLayout == PixelLayout.Interleaved, Minimum = range.Minimum, Maximum = range.Maximum };
        var view = images.AsView(ml);
        return ImagePreparation.Create(ml, images.As(model.ImageShape), model.ClassNames, pixels).Fit(view).Transform(view);
    }
}
