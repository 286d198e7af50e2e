using Microsoft.ML.Adversarial.Tests.Networks;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>What was deployed is attacked as the fitted model is, with its file alone.</summary>
public sealed class DeployedClassifierTests : IDisposable
{
    private static readonly Attack[] Attacks = [new PgdAttack(Budget.LInf(24)) { Steps = 3 }, new PgdAttack(Budget.L2(0.5)) { Steps = 2 }];

    private readonly ToyPictures pictures = new(perClass: 5);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    public static TheoryData<string> Kinds => Normalizations.Names;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_evaluation_of_both_files_is_that_of_the_fitted_model(string normalization)
    {
        var view = pictures.View(ml);
        var options = DomainModels.Options with { Normalization = Normalizations.Of(normalization), InferenceDomain = ImageDomain.Clean, LearningRate = 0.02 };
        var model = ToyPictures.Pipeline(ml, options).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        var (zip, onnx) = Deploy(model, classifier);

        using var fromZip = ml.Adversarial().LoadNetwork(zip);
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx);

        var expected = Evaluate(model, view);
        Assert.Contains(false, expected.IsCorrectInWorstCase);
        AreAlike(expected, Evaluate(fromZip, view));
        AreAlike(expected, Evaluate(ToyPictures.Preparation(ml).Fit(view).Append(fromOnnx), view));
        AreAlike(expected, Evaluate(fromOnnx, ToyPictures.Preparation(ml).Fit(view).Transform(view)));
    }

    [Theory]
    [InlineData(false, 0, 1f / 255)]
    [InlineData(true, 127.5f, 1f / 127.5f)]
    [InlineData(true, 0, 1)]
    public void Layout_and_range_of_the_pixels_come_from_the_file(bool interleaved, float offset, float scale)
    {
        var view = pictures.View(ml);
        var range = offset > 0 ? PixelRange.Signed : scale < 1 ? PixelRange.Unit : PixelRange.GreyLevels;
        var preparation = ToyPictures.Preparation(ml, interleaved: interleaved, offset: offset, scale: scale);
        var model = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { PixelRange = range })).Fit(view);
        using var classifier = model.LastTransformer;
        var (zip, onnx) = Deploy(model, classifier);

        using var fromZip = ml.Adversarial().LoadNetwork(zip);
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx);

        foreach (var one in (DeployedClassifier[])[fromZip, fromOnnx])
        {
            Assert.Equal(("Features", interleaved ? PixelLayout.Interleaved : PixelLayout.Planar), (one.FeatureColumnName, one.PixelLayout));
            Assert.Equal((3, ToyPictures.Size, ToyPictures.Size), (one.ImageShape.Channels, one.ImageShape.Height, one.ImageShape.Width));
            Assert.Equal((range.Minimum, range.Maximum), (one.PixelRange.Minimum, one.PixelRange.Maximum));
        }
        var expected = Evaluate(model, view);
        AreAlike(expected, Evaluate(fromZip, view));
        AreAlike(expected, Evaluate(preparation.Fit(view).Append(fromOnnx), view));
        Assert.InRange(DomainModels.Difference(DomainModels.Scores(model, view), DomainModels.Scores(preparation.Fit(view).Append(fromOnnx), view)), 0, 1e-5);
    }

    [Fact]
    public void It_scores_and_saves_as_the_fitted_model_does()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        var (zip, onnx) = Deploy(model, classifier);
        using var fromZip = ml.Adversarial().LoadNetwork(zip);
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx);
        var prepared = ToyPictures.Preparation(ml).Fit(view).Transform(view);

        Assert.Equal(DomainModels.Scores(model, view), DomainModels.Scores(fromZip, view));
        Assert.Equal(DomainModels.Scores(model, view), DomainModels.Scores(fromOnnx, prepared));
        Assert.Equal(["bottom", "left", "right"], fromZip.ClassNames);
        Assert.Equal(["bottom", "left", "right"], fromOnnx.ClassNames);
        Assert.Equal(model.GetOutputSchema(view.Schema).Select(Described), fromZip.GetOutputSchema(view.Schema).Select(Described));
        Assert.Equal(classifier.GetOutputSchema(prepared.Schema).Select(Described), fromOnnx.GetOutputSchema(prepared.Schema).Select(Described));
        Assert.True(fromZip.IsRowToRowMapper && fromOnnx.IsRowToRowMapper);
        Assert.Equal(fromOnnx.GetOutputSchema(prepared.Schema).Select(Described), fromOnnx.GetRowToRowMapper(prepared.Schema).OutputSchema.Select(Described));
        Assert.Equal(
            model.Transform(view).GetColumn<string>("PredictedClass"),
            ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(fromOnnx.Transform(prepared)).Transform(fromOnnx.Transform(prepared)).GetColumn<string>("PredictedLabel"));

        foreach (var (loaded, schema, data) in new[] { (fromZip, view.Schema, view), (fromOnnx, prepared.Schema, prepared) })
        {
            var again = Path.Combine(pictures.Folder, "again.zip");
            ml.Model.Save(loaded, schema, again);
            Assert.Equal(DomainModels.Scores(loaded, data), DomainModels.Scores(new MLContext().Model.Load(again, out _), data));
            using var reloaded = ml.Adversarial().LoadNetwork(again);
            Assert.Equal(loaded.ClassNames, reloaded.ClassNames);
        }
    }

    [Fact]
    public void Its_network_is_the_fitted_models_for_attacks_of_ones_own()
    {
        using var scope = NewDisposeScope();
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        using var loaded = ml.Adversarial().LoadNetwork(Deploy(model, classifier).Zip);
        var images = DomainModels.Images(model.Transform(view));

        Assert.InRange(TinyNetworks.Difference(classifier.Network.Logits(images), loaded.Network.Logits(images)), 0, 1e-5);
        Assert.Equal(3, loaded.Network.ClassCount);
    }

    [Theory]
    [InlineData(ImageDomain.Clean)]
    [InlineData(ImageDomain.Adversarial)]
    public void It_knows_the_domain_it_was_saved_with_and_refuses_the_other(ImageDomain domain)
    {
        var view = DomainModels.Prepared(ml, pictures);
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { InferenceDomain = domain });
        using var loaded = ml.Adversarial().LoadNetwork(Deploy(model, model).Onnx);
        var other = domain == ImageDomain.Clean ? ImageDomain.Adversarial : ImageDomain.Clean;

        Assert.Equal(domain, loaded.Domain);
        Assert.Equal(domain, ml.Adversarial().EvaluateRobustness(loaded, view, [], new RobustnessEvaluationOptions { Domain = domain }).Domain);
        var refused = Assert.Throws<InvalidOperationException>(() => ml.Adversarial().EvaluateRobustness(loaded, view, [], new RobustnessEvaluationOptions { Domain = other }));
        Assert.Contains($"in the {domain} domain alone, and the options ask for {other}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("model.onnx", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_of_other_classes_or_in_another_column_are_refused_or_read()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        using var loaded = ml.Adversarial().LoadNetwork(Deploy(model, classifier).Onnx, new NetworkFileOptions { LabelColumnName = "Truth" });
        var prepared = ToyPictures.Preparation(ml).Fit(view).Transform(view);

        var renamed = ml.Transforms.CopyColumns("Truth", "Label").Fit(prepared).Transform(prepared);
        var numbered = ml.Transforms.Conversion.MapValueToKey("Truth", "Number").Fit(prepared).Transform(prepared);

        Assert.Equal(15, Evaluate(loaded, renamed).Examples);
        Assert.Contains("'Truth'", Assert.Throws<ArgumentException>(() => Evaluate(loaded, prepared)).Message, StringComparison.Ordinal);
        Assert.Contains("bottom, left, right", Assert.Throws<ArgumentException>(() => Evaluate(loaded, numbered)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_as_class_comes_back_as_its_text()
    {
        var view = pictures.View(ml);
        var preparation = ToyPictures.Preparation(ml, "Number");
        var model = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 })).Fit(view);
        using var classifier = model.LastTransformer;
        var (zip, onnx) = Deploy(model, classifier);
        using var fromZip = ml.Adversarial().LoadNetwork(zip);
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx);

        Assert.Equal(["10", "11", "12"], fromOnnx.ClassNames);
        AreAlike(Evaluate(model, view), Evaluate(fromZip, view));
        AreAlike(Evaluate(model, view), Evaluate(preparation.Fit(view).Append(fromOnnx), view));
    }

    [Fact]
    public void Loading_and_evaluating_leave_nothing_behind_and_disposing_twice_is_fine()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        var (zip, onnx) = Deploy(model, classifier);
        var prepared = ToyPictures.Preparation(ml).Fit(view).Transform(view);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        foreach (var (path, data) in new[] { (zip, view), (onnx, prepared) })
        {
            var loaded = ml.Adversarial().LoadNetwork(path);
            var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            Evaluate(loaded, data);
            Assert.Equal(live, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Assert.True(live > before);

            loaded.Dispose();
            loaded.Dispose();
            Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Assert.Throws<ObjectDisposedException>(() => loaded.Network);
            Assert.Throws<ObjectDisposedException>(() => loaded.Transform(data));
            Assert.Throws<ObjectDisposedException>(() => Evaluate(loaded, data));
        }
    }

    [Fact]
    public void Two_classifiers_in_one_pipeline_are_refused()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        using var loaded = ml.Adversarial().LoadNetwork(Deploy(model, classifier).Onnx);

        Assert.Contains("expected one", Assert.Throws<ArgumentException>(() => Evaluate(model.Append(loaded), view)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_for_torch_is_none_for_the_scorer_and_stays_chosen()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        var other = new MLContext { GpuDeviceId = 0, FallbackToCpu = true };

        using var loaded = other.Adversarial().LoadNetwork(Deploy(model, classifier).Zip);

        Assert.Equal(0, other.GpuDeviceId);
        Assert.Equal(DomainModels.Scores(model, view), DomainModels.Scores(loaded, view));
    }

    private (string Zip, string Onnx) Deploy(ITransformer model, ImageClassificationTransformer classifier)
    {
        var (zip, onnx) = (Path.Combine(pictures.Folder, "model.zip"), Path.Combine(pictures.Folder, "model.onnx"));
        ml.Model.Save(model, null, zip);
        classifier.ExportOnnx(onnx);
        return (zip, onnx);
    }

    private RobustnessEvaluation Evaluate(ITransformer model, IDataView view) =>
        ml.Adversarial().EvaluateRobustness(model, view, Attacks, new RobustnessEvaluationOptions { Seed = 7 });

    private static void AreAlike(RobustnessEvaluation expected, RobustnessEvaluation actual)
    {
        Assert.Equal(expected.Domain, actual.Domain);
        Assert.Equal(expected.Clean.LogLoss, actual.Clean.LogLoss, 4);
        Assert.Equal(expected.IsCorrectInWorstCase, actual.IsCorrectInWorstCase);
        Assert.All(expected.Attacks.Zip(actual.Attacks), pair =>
        {
            Assert.Equal(pair.First.IsCorrect, pair.Second.IsCorrect);
            Assert.Equal(pair.First.Metrics.LogLoss, pair.Second.Metrics.LogLoss, 4);
        });
    }

    private static string Described(DataViewSchema.Column column) => $"{column.Name}: {column.Type} [{string.Join(", ", column.Annotations.Schema.Select(annotation => annotation.Name))}]";
}
