namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>A model that was disposed says so, and how it came to that, whatever is asked of it.</summary>
public sealed class DisposedModelTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 3);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void A_model_whose_prediction_engine_was_disposed_says_what_happened_and_how_to_avoid_it()
    {
        var rows = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(rows);
        var classifier = ToyPictures.ClassifierIn(model);
        var prepared = ToyPictures.Preparation(ml).Fit(rows).Transform(rows);
        ml.Model.CreatePredictionEngine<ToyRow, ToyPrediction>(model).Dispose();

        SaysSo(
            () => ml.Model.CreatePredictionEngine<ToyRow, ToyPrediction>(model),
            () => model.Transform(rows),
            () => classifier.Transform(prepared),
            () => classifier.GetOutputSchema(prepared.Schema),
            () => ((ITransformer)classifier).GetRowToRowMapper(prepared.Schema),
            () => classifier.ExportOnnx(new MemoryStream()),
            () => classifier.SaveWeights(Path.Combine(pictures.Folder, "weights")),
            () => classifier.WithDomain(ImageDomain.Adversarial),
            () => _ = classifier.Network,
            () => ml.Model.Save(classifier, prepared.Schema, new MemoryStream()),
            () => ml.Adversarial().EvaluateRobustness(classifier, prepared),
            () => ml.Adversarial().EvaluateBlackBox(classifier, prepared, []),
            () => ml.Adversarial().Transforms.AdversarialExamples(classifier, new PgdAttack(Budget.LInf(8))).Fit(prepared));
    }

    [Fact]
    public void A_deployed_classifier_that_was_disposed_says_so_too()
    {
        var rows = pictures.View(ml);
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(rows), rows.Schema, path);
        var deployed = ml.Adversarial().LoadNetwork(path);
        deployed.Dispose();

        SaysSo(
            () => deployed.Transform(rows),
            () => deployed.GetOutputSchema(rows.Schema),
            () => ((ITransformer)deployed).GetRowToRowMapper(rows.Schema),
            () => _ = deployed.Network,
            () => ml.Model.Save(deployed, rows.Schema, new MemoryStream()),
            () => ml.Adversarial().EvaluateRobustness(deployed, rows),
            () => ml.Adversarial().EvaluateBlackBox(deployed, rows, []));
    }

    private static void SaysSo(params Action[] actions) => Assert.All(actions, action =>
    {
        var refused = Assert.Throws<ObjectDisposedException>(action);
        Assert.Contains("PredictionEngine", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ml.Model.Save", refused.Message, StringComparison.Ordinal);
    });
}
