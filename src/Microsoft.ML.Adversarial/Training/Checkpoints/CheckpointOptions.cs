
namespace Microsoft.ML.Adversarial;

/// <summary>Where and how often a run writes down all that it needs to go on: weights, momentum, position. A run that is killed goes on from the newest one, bit for bit.</summary>
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
public sealed record CheckpointOptions
{
    /// <summary>Checkpoints in a directory.</summary>
    /// <param name="directory">Made where it does not exist.</param>
    /// <exception cref="ArgumentException"><paramref name="directory"/> is empty.</exception>
    public CheckpointOptions(string directory) => Directory = Require.NotEmpty(directory, nameof(directory));

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>Time between checkpoints within an epoch; there is one at the end of each epoch anyway.</summary>
    /// <value>Default 10 minutes; above zero.</value>
    public TimeSpan Interval { get; init => field = Require.AboveZero(value); } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How many of the newest checkpoints stay. With a <see cref="TrainingOptions.Selection"/> the one at the end of the best epoch so far stays beside them, under its own name,
    /// <c>checkpoint-</c>(epochs done)<c>-00000000.zip</c>: a checkpoint like any other, which a run goes on from where <see cref="TrainingOptions.ResumeFrom"/> names the file, and
    /// which a directory's newest is never mistaken for.
    /// </summary>
    /// <value>Default 3; from 1 to 10 000.</value>
    public int Keep { get; init => field = Require.InRange(value, 1, 10_000); } = 3;
}
