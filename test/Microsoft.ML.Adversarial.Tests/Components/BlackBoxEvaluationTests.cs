using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Models that this library did not make, known by their scores alone.</summary>
public sealed class BlackBoxEvaluationTests : IDisposable
{
    private static readonly SquareAttack Square = new(Budget.LInf(60)) { Queries = 60 };

    private static readonly BlackBoxEvaluationOptions Seeded = new() { Seed = 5 };

    private readonly ToyPictures pictures = new(perClass: 12);
    private readonly MLContext ml = new(seed: 1);

    public static TheoryData<string> Trainers => ["logistic regression", "one against all", "naive Bayes", "boosted trees", "random forest"];

    public void Dispose() => pictures.Dispose();

    [Theory]
    [MemberData(nameof(Trainers))]
    public void Mlnets_own_models_are_measured_clean_and_under_Square(string trainer)
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(Trainer(trainer)).Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(view);
        var own = ml.MulticlassClassification.Evaluate(ToyPictures.Preparation(ml).Append(Trainer(trainer)).Fit(view).Transform(view));

        var evaluation = ml.Adversarial().EvaluateBlackBox(model, view, [new SquareAttack(Budget.LInf(120)) { Queries = 60 }], Seeded);

        Assert.Equal(own.MicroAccuracy, evaluation.CleanAccuracy.Accuracy, 6);
        Assert.Null(evaluation.Domain);
        Assert.Equal(["bottom", "left", "right"], evaluation.Classes.Select(one => one.Name));
        // Where no image came closer to breaking, the clean ones stand for the attack.
        Assert.InRange(evaluation.Attacks[0].LargestDistance, trainer == "naive Bayes" ? 0 : 0.01, 120 / 255.0 + 1e-6);
        if (trainer != "naive Bayes")
            Assert.True(evaluation.Attacks[0].Accuracy.Accuracy < evaluation.CleanAccuracy.Accuracy);
    }

    [Theory]
    [InlineData(false, 0, 1f)]
    [InlineData(true, 0, 1f)]
    [InlineData(false, 127.5f, 1 / 127.5f)]
    public void Layout_and_pixel_range_of_the_column_change_nothing_but_rounding(bool interleaved, float offset, float scale)
    {
        var view = pictures.View(ml);
        var preparation = ToyPictures.Preparation(ml, interleaved: interleaved, offset: offset, scale: scale);
        using var classifier = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { PixelRange = Range(offset, scale) }).Fit(preparation.Fit(view).Transform(view));
        var prepared = preparation.Fit(view).Transform(view);

        var open = ml.Adversarial().EvaluateRobustness(classifier, prepared, [Square], new RobustnessEvaluationOptions { Seed = 5 });
        var closed = ml.Adversarial().EvaluateBlackBox(classifier, prepared, [Square], Seeded with { PixelRange = Range(offset, scale) });

        Assert.Equal(open.CleanAccuracy, closed.CleanAccuracy);
        Assert.Equal(open.Clean.LogLoss, closed.Clean.LogLoss, 4);
        Assert.Equal(open.Attacks[0].IsCorrect, closed.Attacks[0].IsCorrect);

        static PixelRange Range(float offset, float scale) => offset == 0 ? PixelRange.GreyLevels : PixelRange.Signed;
    }

    [Fact]
    public void A_stage_that_scales_the_pixels_under_the_same_name_is_part_of_the_model()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(ml.Transforms.NormalizeMinMax("Features")).Append(Trainer("logistic regression")).Fit(view);

        var evaluation = ml.Adversarial().EvaluateBlackBox(model, view, [Square], Seeded);

        Assert.Equal(ml.MulticlassClassification.Evaluate(model.Transform(view)).MicroAccuracy, evaluation.CleanAccuracy.Accuracy, 6);
    }

    [Theory]
    [InlineData("L-inf", 8.5, 8)]
    [InlineData("L-inf", 8, 8)]
    [InlineData("L2", 0.3, 0.3 * 255)]
    public void What_is_measured_of_images_is_what_the_model_can_be_handed_never_beyond_the_budget(string norm, double radius, double mostLevels)
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(Trainer("logistic regression")).Fit(view);
        var budget = norm == "L2" ? Budget.L2(radius) : Budget.LInf(radius);
        var options = Seeded with { FeatureColumnName = "Image", ImageShape = new(3, ToyPictures.Size, ToyPictures.Size) };

        var evaluation = ml.Adversarial().EvaluateBlackBox(model, view, [Square with { Budget = budget }], options);

        var levels = evaluation.Attacks[0].LargestDistance * 255;
        Assert.InRange(levels, mostLevels * 0.8, mostLevels + 1e-3);
        // Whole levels: their largest is whole, and so is the sum of their squares.
        var whole = norm == "L2" ? levels * levels : levels;
        Assert.InRange(Math.Abs(whole - Math.Round(whole)), 0, 0.02);
    }

    [Fact]
    public void Pixels_on_another_scale_than_the_stated_one_are_refused()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml, scale: 1 / 255f).Append(Trainer("logistic regression")).Fit(view);

        var refused = Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateBlackBox(model, view, [Square], Seeded));

        Assert.Contains("PixelRange says 0..255", refused.Message, StringComparison.Ordinal);
        Assert.Equal(36, ml.Adversarial().EvaluateBlackBox(model, view, [], Seeded with { PixelRange = PixelRange.Unit }).Examples);
    }

    [Fact]
    public void A_deployed_classifier_is_known_by_its_scores_as_any_other_model()
    {
        var view = pictures.View(ml);
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(ToyPictures.Pipeline(ml, ToyPictures.QuickOptions).Fit(view), view.Schema, path);
        using var deployed = ml.Adversarial().LoadNetwork(path);

        var known = ml.Adversarial().EvaluateRobustness(deployed, view, [Square], new RobustnessEvaluationOptions { Seed = 5 });
        var unknown = ml.Adversarial().EvaluateBlackBox(deployed, view, [Square], Seeded);

        Assert.Equal(known.CleanAccuracy, unknown.CleanAccuracy);
        Assert.Equal(known.Attacks[0].IsCorrect, unknown.Attacks[0].IsCorrect);
    }

    [Fact]
    public void A_flat_column_needs_the_images_size()
    {
        var rows = Enumerable.Range(0, 30).Select(index => new FlatRow { Label = (uint)(index % 2), Features = [.. Enumerable.Range(0, 16).Select(pixel => index % 2 == 0 ? 40f + pixel : 200f - pixel)] });
        var view = ml.Data.LoadFromEnumerable(rows);
        var model = Trainer("logistic regression").Fit(view);

        var refused = Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateBlackBox(model, view, [Square]));
        var evaluation = ml.Adversarial().EvaluateBlackBox(model, view, [Square], Seeded with { ImageShape = new(1, 4, 4) });

        Assert.Contains("expected ImageShape", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, evaluation.CleanAccuracy.Accuracy);
        Assert.Equal(["0", "1"], evaluation.Classes.Select(one => one.Name));
    }

    [Fact]
    public void A_column_of_images_is_attacked_as_its_pixels_are()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(Trainer("logistic regression")).Fit(view);
        var attack = Square with { Budget = Budget.LInf(100) };

        var pixels = ml.Adversarial().EvaluateBlackBox(model, view, [attack], Seeded);
        var images = ml.Adversarial().EvaluateBlackBox(model, view, [attack], Seeded with { FeatureColumnName = "Image", ImageShape = new(3, ToyPictures.Size, ToyPictures.Size) });

        // Square moves by the whole budget, in whole levels, and the pictures have the size already that they are resized to.
        Assert.Contains(false, pixels.Attacks[0].IsCorrect);
        Assert.Equal(pixels.CleanAccuracy, images.CleanAccuracy);
        Assert.Equal(pixels.Attacks[0].IsCorrect, images.Attacks[0].IsCorrect);
    }

    [Fact]
    public void Images_are_attacked_before_they_are_resized_or_turned_grey_in_the_models_pipeline()
    {
        var view = pictures.View(ml);
        var preparation = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadImages("Image", "", "Path"));
        var model = preparation.Append(ml.Transforms.ResizeImages("Image", 6, 6)).Append(ml.Transforms.ConvertToGrayscale("Image")).Append(ml.Transforms.ExtractPixels("Features", "Image"))
            .Append(Trainer("logistic regression")).Fit(view);
        var options = Seeded with { FeatureColumnName = "Image", ImageShape = new(3, ToyPictures.Size, ToyPictures.Size) };

        var evaluation = ml.Adversarial().EvaluateBlackBox(model, view, [Square with { Budget = Budget.LInf(150) }], options);

        Assert.Equal(ml.MulticlassClassification.Evaluate(model.Transform(view)).MicroAccuracy, evaluation.CleanAccuracy.Accuracy, 6);
        Assert.True(evaluation.Attacks[0].Accuracy.Accuracy < evaluation.CleanAccuracy.Accuracy);
        Assert.InRange(evaluation.Attacks[0].LargestDistance, 0.01, 150 / 255.0 + 1e-6);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(Trainer("logistic regression")).Fit(view);

        Refused("PGD-10 (L-inf 8/255, untargeted) needs gradients", model, Seeded, new PgdAttack(Budget.LInf(8)));
        Refused("a column 'Pixels'", model, Seeded with { FeatureColumnName = "Pixels" });
        Refused("no column 'Score2'", model, Seeded with { ScoreColumnName = "Score2" });
        Refused("Score column 'PredictedLabel' is", model, Seeded with { ScoreColumnName = "PredictedLabel" });
        Refused("Label column 'Path' is", model, Seeded with { LabelColumnName = "Path" });
        Refused("images of any size", model, Seeded with { FeatureColumnName = "Image" });
        var images = Seeded with { FeatureColumnName = "Image", ImageShape = new(3, ToyPictures.Size, ToyPictures.Size) };
        Refused("state PixelLayout Planar", model, images with { PixelLayout = PixelLayout.Planar });
        Refused("state PixelRange 0..1", model, images with { PixelRange = PixelRange.Unit });
        var late = ml.Transforms.LoadImages("Image", "", "Path").Append(ml.Transforms.ResizeImages("Image", 6, 6)).Append(ml.Transforms.ExtractPixels("Features", "Image"))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label")).Append(Trainer("logistic regression")).Fit(view);
        Refused("becomes a key only behind the stage that replaces column 'Image'", late, images);
        Refused("Label column 'Path' is", late, images with { LabelColumnName = "Path" });
        // The stages behind the pixels want the path.
        var mixed = ToyPictures.Preparation(ml).Append(ml.Transforms.Text.FeaturizeText("PathFeatures", "Path")).Append(ml.Transforms.Concatenate("Both", "Features", "PathFeatures"))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Both")).Fit(view);
        Refused("do not score from it alone", mixed, Seeded);
        Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateBlackBox(model, view, [Square], Seeded with { PixelRange = PixelRange.Unit }));

        void Refused(string said, ITransformer refusedModel, BlackBoxEvaluationOptions options, params Attack[] attacks)
        {
            var exception = Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateBlackBox(refusedModel, view, attacks, options));
            Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_state_file_knows_the_model_by_its_scores()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Preparation(ml).Append(Trainer("logistic regression")).Fit(view);
        var other = ToyPictures.Preparation(ml).Append(Trainer("naive Bayes")).Fit(view);
        var options = Seeded with { StateFile = Path.Combine(pictures.Folder, "state.jsonl") };

        var first = ml.Adversarial().EvaluateBlackBox(model, view, [Square], options);
        var again = ml.Adversarial().EvaluateBlackBox(model, view, [Square], options);

        Assert.Equal(first.Attacks[0].IsCorrect, again.Attacks[0].IsCorrect);
        Assert.Contains("its hash of the network is", Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateBlackBox(other, view, [Square], options)).Message, StringComparison.Ordinal);
    }

    private IEstimator<ITransformer> Trainer(string name) => name switch
    {
        "logistic regression" => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(),
        "one against all" => ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.AveragedPerceptron()),
        "boosted trees" => ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.FastTree(numberOfLeaves: 4, numberOfTrees: 10, minimumExampleCountPerLeaf: 2)),
        "random forest" => ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.FastForest(numberOfLeaves: 4, numberOfTrees: 10, minimumExampleCountPerLeaf: 2)),
        _ => ml.MulticlassClassification.Trainers.NaiveBayes(),
    };

    private sealed class FlatRow
    {
        [KeyType(2)]
        public uint Label { get; set; }

        [VectorType(16)]
        public float[] Features { get; set; } = [];
    }
}
