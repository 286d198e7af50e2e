
namespace Microsoft.ML.Adversarial;

/// <summary>What <see cref="AdversarialExamplesEstimator"/> attacks and how; the batch size does not change the images.</summary>
/// <example>
/// <code>
/// var pictures = ml.Adversarial().Transforms.AdversarialExamples(new AdversarialExamplesOptions
/// {
///     Classifier = classifier,
///     Attack = attack,
///     InputColumnName = "Image",
///     OutputColumnName = "Picture",
/// }).Fit(prepared).Transform(prepared);
/// </code>
/// </example>
public sealed record AdversarialExamplesOptions
{
    /// <summary>
    /// Whose network is attacked: an <see cref="ImageClassificationTransformer"/>, or a <see cref="DeployedClassifier"/>, of which the stages before the network are left out. It
    /// stays the caller's: it must live as long as the data is read, and the transform does not dispose it.
    /// </summary>
    public required ITransformer Classifier
    {
        get;
        init => field = Require.NotNull(value) is IAttackableClassifier ? value : throw new ArgumentException(
            $"Classifier is {value.GetType().Name}, which holds no network; expected an ImageClassificationTransformer, such as the LastTransformer of a fitted pipeline, or what ml.Adversarial().LoadNetwork returns.", nameof(Classifier));
    }

    /// <summary>The attack.</summary>
    public required Attack Attack { get; init => field = Require.NotNull(value); }

    /// <summary>The column of attacked images, of the input column's type, pixel range and layout. Of images in whole grey levels, each pixel is rounded towards the clean one.</summary>
    /// <value>Default null: the input column, which is then replaced.</value>
    public string? OutputColumnName { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>
    /// The images: a vector of pixels as <c>ExtractPixels</c> makes it, in size, layout and range as the classifier was trained on, or a column of <see cref="Microsoft.ML.Data.MLImage"/>
    /// of that size, opaque, whose red, green and blue are the classifier's channels in this order (ExtractPixels' default); of a classifier with one channel, grey images.
    /// </summary>
    /// <value>Default null: the classifier's features column.</value>
    public string? InputColumnName { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>The key-typed column of the true classes, with the classifier's own key values.</summary>
    /// <value>Default null: the classifier's label column.</value>
    public string? LabelColumnName { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>Images attacked together.</summary>
    /// <value>Default 100; from 1 to 65 536.</value>
    public int BatchSize { get; init => field = Require.InRange(value, 1, 65_536); } = 100;

    /// <summary>The domain whose normalisation the attack differentiates through.</summary>
    /// <value>Default null: the classifier's own.</value>
    public ImageDomain? Domain { get; init => field = value is { } domain ? Require.Defined(domain) : null; }

    /// <summary>
    /// The root of the attack's randomness; each image has streams of its own, whatever the batch. With the same seed and rows, <c>EvaluateRobustness</c> attacks in the same way.
    /// </summary>
    /// <value>Default null: drawn from the MLContext, and so from its seed, when the estimator is created.</value>
    public int? Seed { get; init; }

    /// <summary>Stops within a step of the attack; whoever reads the attacked images then gets an <see cref="OperationCanceledException"/>.</summary>
    /// <value>Default: never.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The columns that are read.</summary>
    internal ImageColumns Columns => new(InputColumnName ?? Attacked.Columns.Features, LabelColumnName ?? Attacked.Columns.Label) { MayBeImages = true };

    /// <summary>The column that is written.</summary>
    internal string ResolvedOutputColumnName => OutputColumnName ?? Columns.Features;

    /// <summary>The domain that is attacked.</summary>
    internal ImageDomain ResolvedDomain => Domain ?? Attacked.Domain;

    /// <summary>The classifier as attacks see it.</summary>
    internal IAttackableClassifier Attacked => (IAttackableClassifier)Classifier;
}
