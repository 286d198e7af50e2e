namespace Microsoft.ML.Adversarial;

/// <summary>
/// Further training images that are no part of the data to learn, such as generated ones or unlabelled ones with the labels that a model of yours gives them: a part of every batch (Carmon et al. 2019, arXiv:1905.13736,
/// section 3; Gowal et al. 2021, arXiv:2110.09468). The field's most robust networks train so.
/// </summary>
/// <remarks>
/// An epoch passes once over the training images and takes as many of these beside them as <see cref="Share"/> asks for, each as seldom as can be. They are read once and kept in memory, in bytes where their pixels are
/// whole grey levels. None is ever set apart for validation.
/// </remarks>
/// <example>
/// <code>
/// var guessed = labeller.Transform(unlabelled);
/// var pseudoLabelled = ml.Transforms.CopyColumns("Label", "PredictedLabel").Fit(guessed).Transform(guessed);
/// var more = ImageClassificationRecipes.Quick with
/// {
///     Augmentation = new Augmentation { CropPadding = 4, Erasing = RandomErasing.Cutout, CutMix = new CutMix() },
///     Averaging = WeightAveraging.Exponential(),
///     ExtraImages = new ExtraImages(pseudoLabelled) { Share = 0.5 },
/// };
/// </code>
/// </example>
public sealed record ExtraImages : Described
{
    /// <summary>Images beside the training data.</summary>
    /// <param name="data">With the trainer's columns: images of the same size, and labels, which may be guesses, with the same key values.</param>
    /// <exception cref="ArgumentNullException"><paramref name="data"/> is null.</exception>
    public ExtraImages(IDataView data) => Data = Require.NotNull(data, nameof(data));

    /// <summary>The images.</summary>
    public IDataView Data { get; }

    /// <summary>Their part of each batch.</summary>
    /// <value>Default 0.5, as in Carmon et al. 2019; from 0.01 to 0.99, rounded to whole images of a full batch, of which at least one is a training image.</value>
    public double Share { get; init => field = Require.InRange(value, 0.01, 0.99); } = 0.5;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Share} of each batch");

    /// <summary>What the data is the run's fingerprint of data says.</summary>
    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("share", Share);
    }

    /// <summary>Training images of a full batch.</summary>
    internal int OwnOf(int batchSize) => Math.Max(1, batchSize - (int)Math.Round(Share * batchSize));
}
