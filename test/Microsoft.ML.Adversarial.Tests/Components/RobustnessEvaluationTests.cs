using Microsoft.ML.Transforms;

namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class RobustnessEvaluationTests : IDisposable
{
    private static readonly PgdAttack Attack = new(Budget.LInf(8)) { Steps = 2 };

    private readonly ToyPictures pictures = new(perClass: 3);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void The_classifier_is_found_in_a_chain_of_chains()
    {
        var view = pictures.View(ml);
        var inner = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        var nested = inner.Append(ml.Transforms.CopyColumns("Copy", "Path").Fit(inner.Transform(view)));

        Assert.Equal(
            ml.Adversarial().EvaluateRobustness(inner, view, Attack).CleanAccuracy,
            ml.Adversarial().EvaluateRobustness(nested, view, Attack).CleanAccuracy);
    }

    [Fact]
    public void Several_classifiers_in_one_pipeline_and_an_attack_that_is_null_are_refused()
    {
        var view = pictures.View(ml);
        var options = ToyPictures.QuickOptions with { Epochs = 1 };
        var model = ToyPictures.Preparation(ml).Append(ml.Adversarial().Trainers.ImageClassification(options))
            .Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(view);

        Assert.Contains("expected one", Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(model, view, Attack)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => ml.Adversarial().EvaluateRobustness(model, view, [null!]));
    }

    [Fact]
    public void A_model_read_from_a_file_holds_no_network_and_is_refused_with_the_reason()
    {
        var view = pictures.View(ml);
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view), view.Schema, path);

        var refused = Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(ml.Model.Load(path, out _), view, Attack));

        Assert.Contains("no ImageClassificationTransformer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_in_another_order_than_the_models_are_refused()
    {
        var view = pictures.View(ml);
        var preparation = ToyPictures.Preparation(ml).Fit(view).Transform(view);
        using var model = ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 1 }).Fit(preparation);
        pictures.Rows.Reverse();
        var reordered = ml.Transforms.Conversion.MapValueToKey("Label", "Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence)
            .Append(ml.Transforms.LoadImages("Image", "", "Path")).Append(ml.Transforms.ResizeImages("Image", ToyPictures.Size, ToyPictures.Size))
            .Append(ml.Transforms.ExtractPixels("Features", "Image")).Fit(view).Transform(view);

        var refused = Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(model, reordered, Attack));

        Assert.Contains("right, left, bottom", refused.Message, StringComparison.Ordinal);
        Assert.Contains("bottom, left, right", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_batch_size_changes_nothing_and_progress_is_told()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 3 }).Fit(view);
        var reports = new List<EvaluationProgress>();
        var options = new RobustnessEvaluationOptions { Seed = 4, BatchSize = 9 };

        var whole = ml.Adversarial().EvaluateRobustness(model, view, [Attack], options);
        var parts = ml.Adversarial().EvaluateRobustness(model, view, [Attack], options with { BatchSize = 2, ProgressCallback = reports.Add });

        Assert.Equal(whole.Attacks[0].IsCorrect, parts.Attacks[0].IsCorrect);
        Assert.Equal(whole.Attacks[0].Metrics.LogLoss, parts.Attacks[0].Metrics.LogLoss, 4);
        Assert.Equal(2 * 5, reports.Count);
        Assert.Equal(("PGD-2", 9L), (reports[^1].Condition, reports[^1].Examples));
    }

    [Fact]
    public void An_evaluation_without_attacks_measures_clean_images()
    {
        var view = pictures.View(ml);

        var evaluation = ml.Adversarial().EvaluateRobustness(ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view), view);

        Assert.Empty(evaluation.Attacks);
        Assert.Equal(evaluation.CleanAccuracy, evaluation.WorstCaseAccuracy);
    }

    [Fact]
    public void A_corrupt_test_image_is_named()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        File.WriteAllBytes(pictures.Rows[3].Path, []);

        var refused = Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateRobustness(model, view, Attack));

        Assert.Contains(pictures.Rows[3].Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_members_intervals_and_warnings_agree_with_the_examples()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 6 }).Fit(view);
        var budget = Budget.LInf(60);
        var ensemble = new AttackEnsemble("both", budget, [new PgdAttack(budget) { Steps = 2 }, new SquareAttack(budget) { Queries = 10 }]);
        var told = new List<string>();
        ml.Log += (_, message) => told.Add(message.Message);

        var evaluation = ml.Adversarial().EvaluateRobustness(model, view, Attack, ensemble);

        Assert.Equal(["bottom", "left", "right"], evaluation.Classes.Select(measured => measured.Name));
        // The rows come class by class in turn.
        foreach (var (measured, label) in evaluation.Classes.Select((measured, label) => (measured, label)))
        {
            Assert.Equal(3, measured.CleanAccuracy.Examples);
            for (var attack = 0; attack < 2; attack++)
                Assert.Equal(evaluation.Attacks[attack].IsCorrect.Where((_, row) => row % 3 == label).Count(isCorrect => isCorrect) / 3.0, measured.AttackAccuracies[attack].Accuracy);
            Assert.Equal(evaluation.IsCorrectInWorstCase.Where((_, row) => row % 3 == label).Count(isCorrect => isCorrect) / 3.0, measured.WorstCaseAccuracy.Accuracy);
        }
        var members = evaluation.Attacks[1].Members;
        Assert.Equal(evaluation.CleanAccuracy.Accuracy * 9, members[0].Examples, 1e-9);
        Assert.Equal(members[0].Examples - members[0].Broken, members[1].Examples);
        Assert.Equal(evaluation.Attacks[1].IsCorrect.Count(isCorrect => isCorrect), members[1].Examples - members[1].Broken);
        Assert.Contains(evaluation.Warnings, warning => warning.Kind == EvaluationWarningKind.FewExamples);
        Assert.Contains(told, message => message.Contains("FewExamples: 9 examples were evaluated", StringComparison.Ordinal));
    }

    [Fact]
    public void An_evaluation_with_a_state_file_goes_on_in_another_context_with_its_seed()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 2 }).Fit(view);
        using var source = new CancellationTokenSource();
        var options = new RobustnessEvaluationOptions { BatchSize = 2, StateFile = Path.Combine(pictures.Folder, "evaluation.jsonl") };

        Assert.ThrowsAny<OperationCanceledException>(() => ml.Adversarial().EvaluateRobustness(
            model, view, [Attack], options with { ProgressCallback = progress => { if (progress.Examples == 4) source.Cancel(); }, CancellationToken = source.Token }));
        var resumed = new MLContext(seed: 77).Adversarial().EvaluateRobustness(model, view, [Attack], options);

        var whole = ml.Adversarial().EvaluateRobustness(model, view, [Attack], options with { StateFile = null, Seed = resumed.Seed });
        Assert.Equal(whole.Attacks[0].IsCorrect, resumed.Attacks[0].IsCorrect);
        Assert.Equal(whole.Attacks[0].Metrics.LogLoss, resumed.Attacks[0].Metrics.LogLoss);
        Assert.Equal(whole.Attacks[0].LargestDistance, resumed.Attacks[0].LargestDistance);
        using var another = ToyPictures.ClassifierIn(ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1, Seed = 9 }).Fit(view));
        var refused = Assert.Throws<InvalidDataException>(() => ml.Adversarial().EvaluateRobustness(another, ToyPictures.Preparation(ml).Fit(view).Transform(view), [Attack], options));
        Assert.Contains("its hash of the network is", refused.Message, StringComparison.Ordinal);
    }
}
