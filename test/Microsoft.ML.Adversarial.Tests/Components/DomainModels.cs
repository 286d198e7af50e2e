using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Models trained on toy pictures of both domains, and their scores by every way there is.</summary>
internal static class DomainModels
{
    /// <summary>A budget so wide that the domains' statistics differ by more than chance.</summary>
    public static AdversarialTraining Mixed { get; } = new(new PgdAttack(Budget.LInf(96)) { Steps = 1 }) { CleanRatio = 1 };

    public static ImageClassificationOptions Options { get; } = ToyPictures.QuickOptions with
    {
        Normalization = Normalization.MixtureBatch,
        Method = Mixed,
        LearningRate = 0.2,
        Epochs = 3,
    };

    public static IDataView Prepared(MLContext ml, ToyPictures pictures) => ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));

    public static ImageClassificationTransformer Fit(MLContext ml, IDataView prepared, ImageClassificationOptions options) =>
        ml.Adversarial().Trainers.ImageClassification(options).Fit(prepared);

    public static float[] Scores(ITransformer model, IDataView view) => [.. model.Transform(view).GetColumn<float[]>("Score").SelectMany(score => score)];

    /// <summary>The probabilities that the network itself gives in a domain.</summary>
    public static float[] ScoresOfTheNetwork(ImageClassificationTransformer model, ImageDomain domain, IDataView view)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = model.Freeze(domain);
        return frozen.Logits(Images(view)).softmax(1).data<float>().ToArray();
    }

    /// <summary>float32 [rows, 3, size, size] in [0, 1].</summary>
    public static Tensor Images(IDataView view)
    {
        var pixels = view.GetColumn<float[]>("Features").SelectMany(row => row).Select(value => value / 255).ToArray();
        return tensor(pixels, [pixels.Length / (3 * ToyPictures.Size * ToyPictures.Size), 3, ToyPictures.Size, ToyPictures.Size]);
    }

    public static double Difference(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second));
    }
}
