using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class ResumedTrainingTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly string folder = Directory.CreateTempSubdirectory("checkpoints-").FullName;

    private static ImageClassificationOptions Options { get; } = ToyPictures.QuickOptions with
    {
        Epochs = 3,
        Augmentation = new Augmentation { HorizontalFlip = true, CropPadding = 1 },
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cancelled_fit_goes_on_in_the_middle_of_an_epoch_and_scores_as_an_unbroken_one(bool caches)
    {
        var options = Options with { CacheImages = caches, ShufflePoolSize = 5 };
        var expected = Scores(options);
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        Assert.Throws<OperationCanceledException>(() => Fit(options with
        {
            Checkpoints = new CheckpointOptions(folder),
            CancellationToken = cancellation.Token,
            MetricsCallback = _ =>
            {
                if (++updates == 5)
                    cancellation.Cancel();
            },
        }));

        var again = 0;
        var scores = Scores(options with { ResumeFrom = folder, MetricsCallback = _ => again++ });

        Assert.Equal(expected, scores);
        Assert.Equal(9 - updates, again);
    }

    [Fact]
    public void A_cancelled_fit_returns_its_model_where_that_is_wanted()
    {
        using var cancellation = new CancellationTokenSource();

        using var model = Fit(Options with
        {
            WhenStopped = StoppedTraining.ReturnModel,
            CancellationToken = cancellation.Token,
            MetricsCallback = _ => cancellation.Cancel(),
        });

        Assert.Null(model.LastTransformer.BestEpoch);
        Assert.Equal(24, model.Transform(pictures.View(new MLContext())).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void A_fit_that_pauses_goes_on_as_if_it_had_not()
    {
        var expected = Scores(Options);
        var options = Options with { Checkpoints = new CheckpointOptions(folder), ResumeFrom = folder };
        var updates = 0;

        using (var paused = Fit(options with { PauseAfterEpoch = 2, MetricsCallback = _ => updates++ }))
            Assert.NotEqual(expected, [.. paused.Transform(pictures.View(new MLContext())).GetColumn<float[]>("Score")]);
        Assert.Equal(6, updates);
        var scores = Scores(options with { MetricsCallback = _ => updates++ });

        Assert.Equal(9, updates);
        Assert.Equal(expected, scores);
    }

    [Theory]
    [InlineData("images", "its data is 24 images of the classes bottom, left, right (")]
    [InlineData("augmentation", "its augmentation, horizontal flip is yes there, no here.")]
    public void Other_data_are_refused_by_name(string what, string message)
    {
        Fit(Options with { Checkpoints = new CheckpointOptions(folder) }).Dispose();
        if (what == "images")
            pictures.Rows.RemoveRange(0, 3);
        var options = what == "augmentation" ? Options with { Augmentation = Augmentation.None } : Options;

        var exception = Assert.Throws<InvalidDataException>(() => Fit(options with { ResumeFrom = folder }));

        Assert.Contains("belongs to another run", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_epoch_on_images_set_apart_is_kept_and_recorded()
    {
        using var model = Fit(Options with { Selection = new ModelSelection(PgdAttack.Fgsm(Budget.LInf(8))), ValidationFraction = 0.25 });

        var classifier = model.LastTransformer;
        Assert.Equal([1, 2, 3], classifier.ValidatedEpochs.Select(epoch => epoch.Epoch));
        Assert.All(classifier.ValidatedEpochs, epoch => Assert.Equal(6, epoch.Examples));
        var best = classifier.ValidatedEpochs.MaxBy(epoch => epoch.RobustAccuracy)!;
        Assert.Equal(best.Epoch, classifier.BestEpoch);
    }

    [Fact]
    public void What_was_recorded_of_the_best_epoch_is_what_the_model_does_on_the_validation_data()
    {
        var ml = new MLContext(seed: 1);
        var prepared = ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));
        var attack = PgdAttack.Fgsm(Budget.LInf(8));
        var trainer = ml.Adversarial().Trainers.ImageClassification(Options with { Selection = new ModelSelection(attack) });

        using var classifier = trainer.Fit(prepared, prepared);

        var best = classifier.ValidatedEpochs.Single(epoch => epoch.Epoch == classifier.BestEpoch);
        var evaluation = ml.Adversarial().EvaluateRobustness(classifier, prepared, attack);
        Assert.Equal((24L, best.CleanAccuracy, best.RobustAccuracy), (best.Examples, evaluation.CleanAccuracy.Accuracy, evaluation.Attacks[0].Accuracy.Accuracy));
    }

    [Fact]
    public void Validation_data_without_a_selection_or_with_other_classes_are_refused()
    {
        var ml = new MLContext(seed: 1);
        var prepared = ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));
        var others = new List<ToyRow>(pictures.Rows.Where(row => row.Label != "left"));
        var otherClasses = ToyPictures.Preparation(ml).Fit(ml.Data.LoadFromEnumerable(others)).Transform(ml.Data.LoadFromEnumerable(others));
        var selection = new ModelSelection(PgdAttack.Fgsm(Budget.LInf(8)));

        var unused = Assert.Throws<ArgumentException>(() => ml.Adversarial().Trainers.ImageClassification(Options).Fit(prepared, prepared));
        var strange = Assert.Throws<ArgumentException>(() => ml.Adversarial().Trainers.ImageClassification(Options with { Selection = selection }).Fit(prepared, otherClasses));

        Assert.Contains("There is validation data, and Selection is null", unused.Message, StringComparison.Ordinal);
        Assert.Contains("The validation data has the classes bottom, right; expected those of the training data, bottom, left, right", strange.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        pictures.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private TransformerChain<ImageClassificationTransformer> Fit(ImageClassificationOptions options)
    {
        var ml = new MLContext(seed: 1);
        return ToyPictures.Preparation(ml).Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(pictures.View(ml));
    }

    private float[][] Scores(ImageClassificationOptions options)
    {
        using var model = Fit(options);
        return [.. model.Transform(pictures.View(new MLContext())).GetColumn<float[]>("Score")];
    }
}
