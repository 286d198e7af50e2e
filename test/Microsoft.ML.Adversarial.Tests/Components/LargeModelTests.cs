using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Depth and width of the paper's networks. ADVERSARIAL_LARGE switches the full width on.</summary>
public sealed class LargeModelTests : IDisposable
{
    private const int FullWidth = 64;

    private readonly ToyPictures pictures = new(perClass: 2);

    [Theory]
    [InlineData(8, 3e6, 5e6)]
    [InlineData(FullWidth, 180e6, 260e6)]
    public void ResNet_152_saves_loads_and_scores_the_same(int width, double smallest, double largest)
    {
        Assert.SkipUnless(width < FullWidth || Environment.GetEnvironmentVariable("ADVERSARIAL_LARGE") == "true", "Slow: set ADVERSARIAL_LARGE to true.");
        var ml = new MLContext(seed: 1);
        var view = pictures.View(ml);
        var options = ToyPictures.QuickOptions with
        {
            Backbone = new ResNet(152) { Width = width, Family = NetworkFamily.FourStage },
            Epochs = 1,
            Method = new PlainTraining(),
            Normalization = Normalization.MixtureBatch,
            ActivationCheckpointing = true,
        };
        var path = Path.Combine(pictures.Folder, "model.zip");

        var model = ToyPictures.Pipeline(ml, options).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        ml.Model.Save(model, view.Schema, path);
        var loaded = new MLContext().Model.Load(path, out _);

        Assert.Equal(ImageDomain.Clean, classifier.Domain);
        Assert.Equal(Scores(model), Scores(loaded));
        // At full width 58 million weights of four bytes, which hardly compress.
        Assert.InRange(new FileInfo(path).Length, smallest, largest);
        (loaded as IDisposable)?.Dispose();

        float[][] Scores(ITransformer transformer) => [.. transformer.Transform(view).GetColumn<float[]>("Score")];
    }

    /// <summary>Sixty gigabytes of weights: the refusal must come before the machine is asked for them.</summary>
    [Fact]
    public void A_network_that_no_file_can_hold_is_refused_before_its_weights_are_made()
    {
        var ml = new MLContext(seed: 1);
        var options = DomainModels.Options with { Backbone = new ResNet(152) { Width = 1024, Family = NetworkFamily.FourStage } };

        var refused = Assert.Throws<NotSupportedException>(() => ToyPictures.Pipeline(ml, options).Fit(pictures.View(ml)));

        Assert.StartsWith("ResNet-152 (MixtureBatch", refused.Message, StringComparison.Ordinal);
        Assert.Contains("GB of weights; expected at most 2.1 GB", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => pictures.Dispose();
}
