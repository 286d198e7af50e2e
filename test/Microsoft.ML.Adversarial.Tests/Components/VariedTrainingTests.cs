using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Training with images of two classes and with images beside the training data, through the trainer.</summary>
public sealed class VariedTrainingTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly ToyPictures pictures = new(perClass: 6), others = new(perClass: 4);

    private static Augmentation Mixing { get; } = new() { CutMix = new CutMix { Probability = 1 }, Erasing = new RandomErasing() };

    [Fact]
    public void A_run_with_mixed_and_extra_images_goes_on_from_its_checkpoint_with_the_same_weights()
    {
        var folder = Path.Combine(pictures.Folder, "checkpoints");
        var options = ToyPictures.QuickOptions with { Augmentation = Mixing, ExtraImages = new ExtraImages(Prepared(others)), Checkpoints = new CheckpointOptions(folder), ResumeFrom = folder, Averaging = WeightAveraging.Stochastic(1) };
        using var unbroken = Fit(options with { Checkpoints = null, ResumeFrom = null });
        using (Fit(options with { PauseAfterEpoch = 1 }))
        {
        }

        using var resumed = Fit(options);

        Assert.Equal(Scores(unbroken), Scores(resumed));
        var refused = Assert.Throws<InvalidDataException>(() => Fit(options with { ExtraImages = new ExtraImages(Prepared(pictures)) }));
        Assert.Contains("its data is 18 images of the classes bottom, left, right", refused.Message, StringComparison.Ordinal);
        Assert.Contains(", and beside them 12 images of the classes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extra_images_change_what_is_learnt_and_a_batch_is_no_larger_for_them()
    {
        var batches = new List<int>();
        using var without = Fit(ToyPictures.QuickOptions);
        using var with = Fit(ToyPictures.QuickOptions with { ExtraImages = new ExtraImages(Prepared(others)) { Share = 0.25 }, MetricsCallback = metrics => batches.Add(metrics.Batches) });

        Assert.NotEqual(Scores(without), Scores(with));
        // 18 training images, 6 in a batch of 8.
        Assert.Equal([3, 3, 3, 3, 3, 3], batches);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_by_name()
    {
        var mart = ToyPictures.QuickOptions with { Augmentation = Mixing, Method = new Mart(Budget.LInf(8)) };
        Assert.StartsWith("Augmentation has a CutMix, which makes images of two classes, and Mart takes none;", Assert.Throws<ArgumentException>(() => Fit(mart)).Message, StringComparison.Ordinal);
        var wrapped = mart with { Method = new AdversarialWeightPerturbation(mart.Method) };
        Assert.StartsWith("Augmentation has a CutMix, which makes images of two classes, and AdversarialWeightPerturbation takes none;", Assert.Throws<ArgumentException>(() => Fit(wrapped)).Message, StringComparison.Ordinal);

        var few = ToyPictures.QuickOptions with { ExtraImages = new ExtraImages(Prepared(others)) { Share = 0.05 } };
        Assert.StartsWith("ExtraImages are 0.05 of each batch, which is less than half an image of a BatchSize of 8;", Assert.Throws<ArgumentException>(() => Fit(few)).Message, StringComparison.Ordinal);

        var twoClasses = ToyPictures.Preparation(ml).Fit(View(pictures.Rows.Where(row => row.Label != "left"))).Transform(View(pictures.Rows.Where(row => row.Label != "left")));
        var foreign = ToyPictures.QuickOptions with { ExtraImages = new ExtraImages(twoClasses) };
        Assert.StartsWith("ExtraImages have the classes bottom, right; expected those of the training data, bottom, left, right, in this order.", Assert.Throws<ArgumentException>(() => Fit(foreign)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 0.33)]
    [InlineData(10, 0.99)]
    [InlineData(7, 0.5)]
    public void Extra_images_make_no_batch_larger_than_stated_whatever_their_share(int batchSize, double share)
    {
        var sizes = new List<long>();
        var options = ToyPictures.QuickOptions with { BatchSize = batchSize, Method = new Measuring(sizes), ExtraImages = new ExtraImages(Prepared(others)) { Share = share } };

        using var model = Fit(options with { Epochs = 1 });

        Assert.All(sizes.SkipLast(1), size => Assert.Equal(batchSize, size));
        Assert.InRange(sizes[^1], 1, batchSize);
    }

    [Fact]
    public void Extra_images_that_cannot_be_read_are_warned_of_when_they_are_skipped()
    {
        var warnings = new List<string>();
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(entry.RawMessage);
        };
        var rows = View(others.Rows.Append(new ToyRow { Path = Path.Combine(others.Folder, "missing.png"), Label = "left" }));

        using var model = Fit(ToyPictures.QuickOptions with { UnreadableImages = UnreadableImages.Skip, ExtraImages = new ExtraImages(ToyPictures.Preparation(ml).Fit(rows).Transform(rows)) });

        Assert.Contains(warnings, warning => warning.StartsWith("1 of 13 rows of ExtraImages were left out because their images cannot be read. The first: Row 12 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Extra_images_on_another_scale_are_refused_by_name()
    {
        var preparation = ToyPictures.Preparation(ml, scale: 1 / 255f).Fit(others.View(ml));
        var options = ToyPictures.QuickOptions with { ExtraImages = new ExtraImages(preparation.Transform(others.View(ml))) };

        Assert.StartsWith("ExtraImages: No pixel of the first 12 images is above", Assert.Throws<InvalidDataException>(() => Fit(options)).Message, StringComparison.Ordinal);
    }

    /// <summary>As the documentation makes pseudo-labels: the guesses of a model, under the name of the label.</summary>
    [Fact]
    public void Guessed_labels_of_a_model_serve_as_labels()
    {
        using var labeller = Fit(ToyPictures.QuickOptions);
        var guessed = ml.Transforms.CopyColumns("Label", "PredictedLabel").Fit(labeller.Transform(Prepared(others))).Transform(labeller.Transform(Prepared(others)));

        using var model = Fit(ToyPictures.QuickOptions with { ExtraImages = new ExtraImages(guessed) });

        Assert.NotEqual(Scores(labeller), Scores(model));
    }

    public void Dispose()
    {
        pictures.Dispose();
        others.Dispose();
    }

    private IDataView Prepared(ToyPictures some) => ToyPictures.Preparation(ml).Fit(some.View(ml)).Transform(some.View(ml));

    private IDataView View(IEnumerable<ToyRow> rows) => ml.Data.LoadFromEnumerable(rows);

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) => ml.Adversarial().Trainers.ImageClassification(options).Fit(Prepared(pictures));

    private float[][] Scores(ImageClassificationTransformer model) =>
        [.. model.Transform(Prepared(pictures)).GetColumn<float[]>("Score")];

    private sealed record Measuring(List<long> Sizes) : TrainingMethod
    {
        protected internal override void Step(UpdateContext step)
        {
            Sizes.Add(step.Images.shape[0]);
            step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Adversarial), step.Labels));
        }
    }
}
