using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SkiaSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>What users of ML.NET do first is taken, or refused with what to do instead.</summary>
public sealed class UsualMistakesTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 6);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void A_fold_of_CrossValidate_is_evaluated_on_its_scored_hold_out_set()
    {
        var pipeline = ToyPictures.Preparation(ml).Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }));

        foreach (var fold in ml.MulticlassClassification.CrossValidate(pictures.View(ml), pipeline, numberOfFolds: 2, seed: 3))
        {
            var evaluation = ml.Adversarial().EvaluateRobustness(fold.Model, fold.ScoredHoldOutSet, new PgdAttack(Budget.LInf(24)) { Steps = 2 });

            Assert.Equal(fold.Metrics.MicroAccuracy, evaluation.CleanAccuracy.Accuracy, 6);
            Assert.Equal(fold.Metrics.LogLoss, evaluation.Clean.LogLoss, 3);
        }
    }

    [Fact]
    public void Rows_that_another_model_has_scored_are_prepared_by_this_models_own_stages()
    {
        var rows = pictures.View(ml);
        var options = ToyPictures.QuickOptions with { Epochs = 1 };
        var dark = ToyPictures.Preparation(ml, "Class").Append(ml.Transforms.CustomMapping<Pixels, Pixels>((from, to) => to.Features = [.. from.Features!.Select(value => value / 2)], null));
        var data = ml.Transforms.CopyColumns("Class", "Label").Fit(rows).Transform(rows);
        using var model = ToyPictures.Preparation(ml, "Class").Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(data);
        using var other = dark.Append(ml.Adversarial().Trainers.ImageClassification(options with { Seed = 9 })).Fit(data);

        var expected = ml.Adversarial().EvaluateRobustness(model, data).Clean.LogLoss;

        Assert.Equal(expected, ml.Adversarial().EvaluateRobustness(model, other.Transform(data)).Clean.LogLoss, 9);
    }

    [Fact]
    public void A_float_array_without_VectorType_is_told_of_the_attribute_before_fitting_as_in_fitting()
    {
        var rows = Enumerable.Range(0, 4).Select(index => new LooseRow { Label = $"{index % 2}", Features = new float[64] }).ToList();
        var options = ToyPictures.QuickOptions with { ImageShape = new ImageShape(1, 8, 8) };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Adversarial().Trainers.ImageClassification(options));

        var refused = Assert.Throws<ArgumentException>(() => pipeline.Fit(ml.Data.LoadFromEnumerable(rows)));

        Assert.Contains("unknown length", refused.Message, StringComparison.Ordinal);
        Assert.Contains("[VectorType(channels, height, width)]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_of_another_name_than_LoadNetwork_was_told_names_its_parameter()
    {
        var rows = pictures.View(ml);
        var path = Path.Combine(pictures.Folder, "model.onnx");
        var prepared = ToyPictures.Preparation(ml).Append(ml.Transforms.CopyColumns("Class", "Label")).Append(ml.Transforms.DropColumns("Label")).Fit(rows).Transform(rows);
        using (var model = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1, LabelColumnName = "Class" }).Fit(prepared))
            model.ExportOnnx(path);
        using var deployed = ml.Adversarial().LoadNetwork(path);

        var refused = Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(deployed, prepared));

        Assert.Contains("no column 'Label'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("NetworkFileOptions.LabelColumnName", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transparent_image_is_warned_of_as_what_it_may_be()
    {
        using (var transparent = new SKBitmap(ToyPictures.Size, ToyPictures.Size))
        using (var png = transparent.Encode(SKEncodedImageFormat.Png, 100))
            File.WriteAllBytes(pictures.Rows[5].Path, png.ToArray());
        var warnings = new List<string>();
        ml.Log += (_, message) => { if (message.Kind == ChannelMessageKind.Warning) warnings.Add(message.Message); };

        ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(pictures.View(ml));

        var warning = Assert.Single(warnings, text => text.Contains("black in every pixel", StringComparison.Ordinal));
        Assert.Contains("transparent throughout", warning, StringComparison.Ordinal);
        Assert.Contains("cannot be told from a picture", warning, StringComparison.Ordinal);
        Assert.Contains(pictures.Rows[5].Path, warning, StringComparison.Ordinal);
    }

    private sealed class Pixels
    {
        [VectorType(3, ToyPictures.Size, ToyPictures.Size)]
        public float[]? Features { get; set; }
    }

    private sealed class LooseRow
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
