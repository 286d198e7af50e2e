
namespace Microsoft.ML.Adversarial;

/// <summary>All options of <see cref="ImageClassificationTrainer"/>: the network and its training, and where the images come from.</summary>
/// <example>
/// <code>
/// var fineTuning = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions
/// {
///     Backbone = new ResNet(8),
///     Epochs = 2,
///     LearningRate = 0.01,
///     InitialWeights = "weights.safetensors",
///     Averaging = WeightAveraging.Exponential(),
///     EventDirectory = "events",
/// });
/// </code>
/// </example>
public sealed record ImageClassificationOptions : TrainingOptions
{
    /// <summary>The key-typed label column, as <c>MapValueToKey</c> makes it.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init => field = Require.NotEmpty(value); } = "Label";

    /// <summary>The vector of pixels, as <c>ExtractPixels</c> makes it.</summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init => field = Require.NotEmpty(value); } = "Features";

    /// <summary>The size of the images.</summary>
    /// <value>Default null: read off the column's type. Must be stated where that type is a flat vector.</value>
    public ImageShape? ImageShape { get; init; }

    /// <summary>The order of the numbers in the vector.</summary>
    /// <value>Default null: read off the column's type; planar where that type is a flat vector.</value>
    public PixelLayout? PixelLayout { get; init => field = value is { } layout ? Require.Defined(layout) : null; }

    /// <summary>The values of black and of full brightness in the vector. A value outside is refused with its row.</summary>
    /// <value>Default <see cref="PixelRange.GreyLevels"/>, 0 to 255.</value>
    public PixelRange PixelRange { get; init => field = Require.NotNull(value); } = PixelRange.GreyLevels;

    /// <summary>How images are varied each time they are seen.</summary>
    /// <value>Default <see cref="Augmentation.None"/>.</value>
    public Augmentation Augmentation { get; init => field = Require.NotNull(value); } = Augmentation.None;

    /// <summary>Images that are a part of every batch beside the training images.</summary>
    /// <value>Default null: none.</value>
    public ExtraImages? ExtraImages { get; init; }

    /// <summary>
    /// Whether the images are read once and then kept in memory: in bytes where their pixels are whole grey levels, otherwise in floats. The order of a cached
    /// epoch is a permutation of all images.
    /// </summary>
    /// <value>Default false: every epoch streams through the data view.</value>
    public bool CacheImages { get; init; }

    /// <summary>
    /// Images among which a streaming epoch picks its next one. Where the rows are sorted by class and the pool is smaller than a class, batches hold few
    /// classes; shuffle the rows, or set <see cref="CacheImages"/>.
    /// </summary>
    /// <value>Default 4096; from 1 (the rows' own order) to 10 000 000.</value>
    public int ShufflePoolSize { get; init => field = Require.InRange(value, 1, 10_000_000); } = 4096;

    /// <summary>Batches that are read ahead while one is trained on.</summary>
    /// <value>Default 2; from 1 to 100.</value>
    public int LookAheadBatches { get; init => field = Require.InRange(value, 1, 100); } = 2;

    /// <summary>
    /// The share of the training images that is set apart for <see cref="TrainingOptions.Selection"/>, of every class alike, where <c>Fit</c> gets no validation data. The rows
    /// follow from the seed.
    /// </summary>
    /// <value>Default 0.1; from 0.001 to 0.9. Of no effect without a selection.</value>
    public double ValidationFraction { get; init => field = Require.InRange(value, 0.001, 0.9); } = 0.1;

    /// <summary>What becomes of a row whose image cannot be read.</summary>
    /// <value>Default <see cref="UnreadableImages.Throw"/>.</value>
    public UnreadableImages UnreadableImages { get; init => field = Require.Defined(value); } = UnreadableImages.Throw;

    /// <summary>The root of everything random: weights, order, augmentation, attack.</summary>
    /// <value>
    /// Default null: that of the checkpoint that <see cref="TrainingOptions.ResumeFrom"/> finds, so that a run goes on whatever the MLContext; without one drawn from the MLContext, and so from
    /// its seed, when the trainer is created.
    /// </value>
    public int? Seed { get; init; }

    /// <summary>Called after every weight update, on the thread that trains.</summary>
    /// <value>Default null.</value>
    public Action<TrainingMetrics>? MetricsCallback { get; init; }

    /// <summary>Stops training within one weight update; <see cref="TrainingOptions.WhenStopped"/> says what <c>Fit</c> does then.</summary>
    /// <value>Default: never.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("image shape", ImageShape?.ToString());
        identity.Add("pixel layout", PixelLayout);
        identity.Add("pixel range", PixelRange);
        identity.Add("augmentation", Augmentation);
        identity.Add("extra images", ExtraImages);
        identity.Add("caches images", CacheImages);
        identity.Add("shuffle pool size", ShufflePoolSize);
        identity.Add("validation fraction", ValidationFraction);
        identity.Add("unreadable images", UnreadableImages);
    }

    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    internal override void Check()
    {
        base.Check();
        Augmentation.Check();
        if (Augmentation.CutMix is not null && !Method.TakesMixedLabels)
            throw new ArgumentException($"Augmentation has a CutMix, which makes images of two classes, and {Method.GetType().Name} takes none; expected no CutMix, or a method that says TakesMixedLabels.");
        if (ExtraImages is { } extra && extra.OwnOf(BatchSize) == BatchSize)
            throw new ArgumentException(FormattableString.Invariant($"ExtraImages are {extra}, which is less than half an image of a BatchSize of {BatchSize}; expected more of them, or larger batches."));
    }
}
