namespace Microsoft.ML.Adversarial;

/// <summary>What <c>ml.Adversarial()</c> offers.</summary>
public sealed partial class AdversarialCatalog
{
    private readonly MLContext ml;

    internal AdversarialCatalog(MLContext ml)
    {
        this.ml = ml;
        Trainers = new TrainerCatalog(ml);
        Transforms = new TransformCatalog(ml);
    }

    /// <summary>The trainers.</summary>
    public TrainerCatalog Trainers { get; }

    /// <summary>The transforms.</summary>
    public TransformCatalog Transforms { get; }

    /// <summary>An experiment that finds the depth worth its cost, with the default settings.</summary>
    /// <param name="maximumTime">When it ends; above zero.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumTime"/> is not above zero.</exception>
    /// <inheritdoc cref="CreateDepthExperiment(DepthExperimentSettings)" path="/example"/>
    public DepthExperiment CreateDepthExperiment(TimeSpan maximumTime) =>
        CreateDepthExperiment(new DepthExperimentSettings { MaximumExperimentTime = maximumTime });

    /// <summary>An experiment that finds the depth worth its cost, and the width and normalisation if asked.</summary>
    /// <param name="settings">What to try, how to train and to judge, and when to end.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentException">Settings contradict each other.</exception>
    /// <example>
    /// <code>
    /// var experiment = ml.Adversarial().CreateDepthExperiment(new DepthExperimentSettings
    /// {
    ///     Depths = [8, 14],
    ///     Training = ImageClassificationRecipes.Quick with { Epochs = 2 },
    ///     MaximumExperimentTime = TimeSpan.FromMinutes(10),
    ///     MaximumLatency = TimeSpan.FromMilliseconds(20),
    ///     CheckpointDirectory = "experiment",
    /// });
    /// </code>
    /// </example>
    public DepthExperiment CreateDepthExperiment(DepthExperimentSettings settings) => new(ml, Require.NotNull(settings, nameof(settings)));
}
