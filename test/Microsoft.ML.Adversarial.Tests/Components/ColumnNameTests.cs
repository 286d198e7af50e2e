using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Columns under names of the user's own, from training to the deployed file.</summary>
public sealed class ColumnNameTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 4);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void Features_and_label_of_other_names_are_trained_on_scored_attacked_saved_and_deployed()
    {
        var rows = pictures.View(ml);
        var preparation = ToyPictures.Preparation(ml).Append(ml.Transforms.CopyColumns("Pixels", "Features")).Append(ml.Transforms.CopyColumns("Class", "Label"))
            .Append(ml.Transforms.DropColumns("Features", "Label"));
        var named = ToyPictures.QuickOptions with { Epochs = 1, FeatureColumnName = "Pixels", LabelColumnName = "Class" };
        using var model = preparation.Append(ml.Adversarial().Trainers.ImageClassification(named)).Fit(rows);
        using var usual = ToyPictures.Preparation(ml).Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 })).Fit(rows);
        var (zip, onnx) = (Path.Combine(pictures.Folder, "model.zip"), Path.Combine(pictures.Folder, "model.onnx"));
        ml.Model.Save(model, rows.Schema, zip);
        model.LastTransformer.ExportOnnx(onnx);
        using var fromZip = ml.Adversarial().LoadNetwork(zip, new NetworkFileOptions { LabelColumnName = "Class" });
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx, new NetworkFileOptions { LabelColumnName = "Class" });

        // The names change nothing else.
        var expected = DomainModels.Scores(usual, rows);
        Assert.Equal(expected, DomainModels.Scores(model, rows));
        Assert.Equal(expected, DomainModels.Scores(ml.Model.Load(zip, out _), rows));
        Assert.Equal(("Pixels", "Pixels"), (fromZip.FeatureColumnName, fromOnnx.FeatureColumnName));
        var prepared = preparation.Fit(rows).Transform(rows);
        var attack = new PgdAttack(Budget.LInf(24)) { Steps = 2 };
        var correct = Evaluate(usual, rows);
        Assert.Equal(correct, Evaluate(model, rows));
        Assert.Equal(correct, Evaluate(fromZip, rows));
        Assert.Equal(correct, Evaluate(fromOnnx, prepared));
        Assert.Equal(12, ml.Adversarial().Transforms.AdversarialExamples(model.LastTransformer, attack).Fit(prepared).Transform(prepared).GetColumn<float[]>("Pixels").Count());

        IReadOnlyList<bool> Evaluate(ITransformer evaluated, IDataView data) =>
            ml.Adversarial().EvaluateRobustness(evaluated, data, [attack], new RobustnessEvaluationOptions { Seed = 1 }).Attacks[0].IsCorrect;
    }
}
