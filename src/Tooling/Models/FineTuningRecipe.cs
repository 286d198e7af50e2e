using Microsoft.ML.Adversarial;

namespace Tooling.Models;

/// <summary>How a network of an ONNX file is trained; how long, at which rate and by which method its user says.</summary>
public static class FineTuningRecipe
{
    /// <param name="backbone">The file.</param>
    /// <param name="method">What each batch does to the network.</param>
    /// <param name="isMixture">Whether every image is trained on clean as well, with a normalisation for each domain.</param>
    /// <param name="mirrorsImages">Whether an image and its mirror image are of one class.</param>
    public static ImageClassificationOptions Create(OnnxBackbone backbone, TrainingMethod method, bool isMixture, bool mirrorsImages) => new()
    {
        Backbone = backbone,
        Method = method,
        Normalization = isMixture ? Normalization.MixtureBatch : Normalization.Batch,
        Schedule = LearningRateSchedule.OneCycle(),
        WeightDecay = 5e-4,
        Augmentation = new Augmentation { HorizontalFlip = mirrorsImages, CropPadding = Math.Max(2, backbone.ImageShape.Width / 8) },
    };
}
