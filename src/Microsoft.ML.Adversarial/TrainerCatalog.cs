
namespace Microsoft.ML.Adversarial;

/// <summary>The trainers of <c>ml.Adversarial().Trainers</c>.</summary>
public sealed class TrainerCatalog
{
    private readonly MLContext ml;

    internal TrainerCatalog(MLContext ml) => this.ml = ml;

    /// <summary>Adversarial training of a residual network with the default options.</summary>
    /// <param name="labelColumnName">The key-typed label column.</param>
    /// <param name="featureColumnName">The vector of pixels as <c>ExtractPixels</c> makes it, from 0 to 255.</param>
    /// <returns>The trainer.</returns>
    /// <inheritdoc cref="ImageClassification(ImageClassificationOptions)" path="/example"/>
    public ImageClassificationTrainer ImageClassification(string labelColumnName = "Label", string featureColumnName = "Features") =>
        ImageClassification(new ImageClassificationOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>Training of a residual network.</summary>
    /// <param name="options">Columns, network, method, schedule, progress and more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <example>
    /// <code>
    /// var surviving = ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
    /// {
    ///     Checkpoints = new CheckpointOptions("checkpoints") { Interval = TimeSpan.FromMinutes(5) },
    ///     ResumeFrom = "checkpoints",
    ///     MaximumTrainingTime = TimeSpan.FromHours(8),
    ///     WhenStopped = StoppedTraining.ReturnModel,
    ///     Selection = new ModelSelection(new PgdAttack(Budget.LInf(12)) { Steps = 10 }) { Patience = 5 },
    /// });
    /// </code>
    /// </example>
    public ImageClassificationTrainer ImageClassification(ImageClassificationOptions options) => new(ml, Require.NotNull(options, nameof(options)));
}
