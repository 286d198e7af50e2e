using Microsoft.ML.Adversarial.Tests.Networks;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Whatever the normalisation, a model goes through ml.Model.Save and a plain ml.Model.Load.</summary>
public sealed class SavedNormalizationTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 4);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    public static TheoryData<string> Kinds => Normalizations.Names;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_saved_model_scores_as_the_live_one_and_the_network_do(string normalization)
    {
        var view = pictures.View(ml);
        var options = DomainModels.Options with { Normalization = Normalizations.Of(normalization), InferenceDomain = ImageDomain.Clean, LearningRate = 0.02 };
        var model = ToyPictures.Pipeline(ml, options).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);

        AreAlike(view, model, classifier, ImageDomain.Clean);
        using var turned = classifier.WithDomain(ImageDomain.Adversarial);
        AreAlike(view, ToyPictures.Preparation(ml).Fit(view).Append(turned), turned, ImageDomain.Adversarial);
    }

    [Fact]
    public void A_saved_model_that_normalises_pixels_by_channel_scores_as_the_live_one_and_the_network_do()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, DomainModels.Options with { PixelNormalization = PixelNormalization.ImageNet, LearningRate = 0.02 }).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);

        AreAlike(view, model, classifier, ImageDomain.Adversarial);
    }

    private void AreAlike(IDataView view, ITransformer pipeline, ImageClassificationTransformer its, ImageDomain domain)
    {
        var path = Path.Combine(pictures.Folder, $"{domain}.zip");
        ml.Model.Save(pipeline, view.Schema, path);

        var live = DomainModels.Scores(pipeline, view);
        Assert.InRange(DomainModels.Difference(live, DomainModels.Scores(new MLContext().Model.Load(path, out _), view)), 0, 1e-4);
        Assert.InRange(DomainModels.Difference(live, DomainModels.ScoresOfTheNetwork(its, domain, pipeline.Transform(view))), 0, 1e-4);
        Assert.True(live.Max() - live.Min() > 0.01, "every score is the same: the test sees nothing");
    }
}
