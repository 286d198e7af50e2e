using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Nobody states a seed: a run goes on with the one that it began with.</summary>
public sealed class UnseededTrainingTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly string directory = Directory.CreateTempSubdirectory("unseeded-").FullName;

    /// <summary>The options that the README gives for long runs, but for their size.</summary>
    private ImageClassificationOptions Options => ToyPictures.QuickOptions with
    {
        Epochs = 3,
        Seed = null,
        Selection = new ModelSelection(PgdAttack.Fgsm(Budget.LInf(8))),
        ValidationFraction = 0.25,
        Checkpoints = new CheckpointOptions(directory) { Interval = TimeSpan.FromMinutes(5) },
        ResumeFrom = directory,
        MaximumTrainingTime = TimeSpan.FromHours(8),
        WhenStopped = StoppedTraining.ReturnModel,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stopped_run_goes_on_under_another_context_bit_for_bit_as_one_that_states_its_seed(bool isOneSeededContext)
    {
        var seeded = new MLContext(seed: 1);
        var reports = 0;
        using (var cancellation = new CancellationTokenSource())
            Fit(Context(), Options with { CancellationToken = cancellation.Token, MetricsCallback = _ => Count(cancellation) }).Dispose();

        var resumed = Scores(Context(), Options with { MetricsCallback = _ => reports++ });

        // 24 images, a quarter of them set apart: three updates in each of three epochs.
        Assert.Equal(9, reports);
        var seed = (int)CheckpointStore.SeedIn(directory)!.Value.Value;
        Assert.Equal(Scores(new MLContext(seed: 5), Options with { Seed = seed, Checkpoints = null, ResumeFrom = null }), resumed);

        MLContext Context() => isOneSeededContext ? seeded : new MLContext();

        void Count(CancellationTokenSource cancellation)
        {
            if (++reports == 5)
                cancellation.Cancel();
        }
    }

    [Fact]
    public void A_finished_run_is_found_as_it_ended()
    {
        var first = Scores(new MLContext(), Options);
        var updates = 0;

        Assert.Equal(first, Scores(new MLContext(), Options with { MetricsCallback = _ => updates++ }));
        Assert.Equal(0, updates);
    }

    /// <summary>Of another seed the images set apart are others, too: what is said first is the seed.</summary>
    [Fact]
    public void A_stated_seed_that_differs_is_named_before_all_that_follows_from_it()
    {
        Fit(new MLContext(), Options with { Epochs = 1 }).Dispose();
        var seed = (int)CheckpointStore.SeedIn(directory)!.Value.Value;

        var refused = Assert.Throws<InvalidDataException>(() => Fit(new MLContext(), Options with { Epochs = 1, Seed = seed ^ 1 }));

        Assert.Contains($"belongs to another run: its seed is {seed} there, {seed ^ 1} here.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cache", "its caches images is no there, yes here.")]
    [InlineData("pool", "its shuffle pool size is 4096 there, 100 here.")]
    [InlineData("domain", "its inference domain is Adversarial there, Clean here.")]
    [InlineData("validation", "its validation data is 6 images of the classes bottom, left, right (")]
    public void What_decides_a_run_and_differs_is_named(string what, string message)
    {
        Fit(new MLContext(), Options with { Epochs = 1 }).Dispose();
        var options = Options with { Epochs = 1 };
        options = what switch
        {
            "cache" => options with { CacheImages = true },
            "pool" => options with { ShufflePoolSize = 100 },
            "domain" => options with { InferenceDomain = ImageDomain.Clean },
            _ => options,
        };

        var refused = Assert.Throws<InvalidDataException>(() => Fit(new MLContext(), options, validates: what == "validation"));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        pictures.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <param name="ml">Of the trainer; the data are the same whatever it is.</param>
    /// <param name="options">How to train.</param>
    /// <param name="validates">On all images, of which as many are trained on as a split would leave.</param>
    private ImageClassificationTransformer Fit(MLContext ml, ImageClassificationOptions options, bool validates = false)
    {
        var data = ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));
        if (!validates)
            return ml.Adversarial().Trainers.ImageClassification(options).Fit(data);
        var apart = ValidationSplit.Choose(pictures.Rows.Select(row => row.Number - 10), 0.25, CheckpointStore.SeedIn(directory)!.Value.For("validation split"));
        var kept = ml.Data.LoadFromEnumerable(pictures.Rows.Where((_, row) => !apart.Contains(row)).ToList());
        return ml.Adversarial().Trainers.ImageClassification(options).Fit(ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(kept), data);
    }

    private float[][] Scores(MLContext ml, ImageClassificationOptions options)
    {
        using var model = Fit(ml, options);
        var data = ToyPictures.Preparation(ml).Fit(pictures.View(ml)).Transform(pictures.View(ml));
        return [.. model.Transform(data).GetColumn<float[]>("Score")];
    }
}
