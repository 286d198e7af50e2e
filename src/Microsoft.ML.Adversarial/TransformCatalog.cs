
namespace Microsoft.ML.Adversarial;

/// <summary>The transforms of <c>ml.Adversarial().Transforms</c>.</summary>
public sealed class TransformCatalog
{
    private readonly MLContext ml;

    internal TransformCatalog(MLContext ml) => this.ml = ml;

    /// <summary>Perturbs images so that a classifier misclassifies them.</summary>
    /// <param name="classifier">Whose network is attacked, an <see cref="ImageClassificationTransformer"/> or a <see cref="DeployedClassifier"/>; it stays the caller's, who disposes it.</param>
    /// <param name="attack">The attack.</param>
    /// <param name="outputColumnName">The column of attacked images; null for the input column, which is then replaced.</param>
    /// <param name="inputColumnName">The images, vectors as <c>ExtractPixels</c> makes them or <see cref="Microsoft.ML.Data.MLImage"/>; null for the classifier's own vectors.</param>
    /// <param name="labelColumnName">The key-typed label column, which tells the attack the true classes; null for the classifier's own.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="classifier"/> or <paramref name="attack"/> is null.</exception>
    /// <exception cref="ArgumentException">A column name is empty, or the classifier holds no network.</exception>
    /// <example>
    /// <code>
    /// var attacked = ml.Adversarial().Transforms.AdversarialExamples(classifier, attack).Fit(prepared).Transform(prepared);
    /// </code>
    /// </example>
    public AdversarialExamplesEstimator AdversarialExamples(
        ITransformer classifier, Attack attack, string? outputColumnName = null, string? inputColumnName = null, string? labelColumnName = null) =>
        AdversarialExamples(new AdversarialExamplesOptions
        {
            Classifier = Require.NotNull(classifier, nameof(classifier)),
            Attack = Require.NotNull(attack, nameof(attack)),
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            LabelColumnName = labelColumnName,
        });

    /// <summary>Perturbs images so that a classifier misclassifies them.</summary>
    /// <param name="options">Classifier, attack, columns, domain, seed and more.</param>
    /// <returns>The estimator.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
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
    public AdversarialExamplesEstimator AdversarialExamples(AdversarialExamplesOptions options) => new(ml, Require.NotNull(options, nameof(options)));
}
