
namespace Microsoft.ML.Adversarial;

/// <summary>
/// After every epoch the network is measured on validation images, clean and under an attack, and the weights of the best epoch are the ones that training returns.
/// Adversarial training overfits: Rice et al. 2020 (section 3) lose 8 points of robust accuracy from the best epoch to the last.
/// </summary>
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
public sealed record ModelSelection : Described
{
    /// <summary>Selection by an attack.</summary>
    /// <param name="attack">Perturbs the validation images, with the same random streams in every epoch.</param>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public ModelSelection(Attack attack) => Attack = Require.NotNull(attack, nameof(attack));

    /// <summary>The attack.</summary>
    public Attack Attack { get; init => field = Require.NotNull(value); }

    /// <summary>What makes an epoch the best.</summary>
    /// <value>Default <see cref="SelectionMetric.RobustAccuracy"/>.</value>
    public SelectionMetric Metric { get; init => field = Require.Defined(value); } = SelectionMetric.RobustAccuracy;

    /// <summary>Epochs without a better one after which training stops.</summary>
    /// <value>Default null: never before the end; otherwise from 1 to 100 000.</value>
    public int? Patience { get; init => field = value is { } epochs ? Require.InRange(epochs, 1, 100_000) : null; }

    /// <summary>
    /// Whether training ends with an epoch in which robust accuracy falls by more than 20 points, or to less than half of the best epoch's and beyond noise, with the best weights from before it
    /// (Wong et al. 2020, arXiv:2001.03994, section 5.2): single-step attacks lose their hold on a network all at once. A warning says so in either case. <see cref="Attack"/> must take several steps to see it.
    /// </summary>
    /// <value>Default false: training goes on.</value>
    public bool StopsOnCatastrophicOverfitting { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Metric} under {Attack}{(Patience is { } epochs ? $", patience {epochs}" : "")}{(StopsOnCatastrophicOverfitting ? ", stops on catastrophic overfitting" : "")}";

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("attack", Attack);
        identity.Add("metric", Metric);
        identity.Add("patience", Patience);
        identity.Add("stops on catastrophic overfitting", StopsOnCatastrophicOverfitting ? "yes" : null);
    }

    internal double Score(EpochMetrics epoch) => Metric switch
    {
        SelectionMetric.CleanAccuracy => epoch.CleanAccuracy,
        SelectionMetric.RobustAccuracy => epoch.RobustAccuracy,
        _ => epoch.CleanAccuracy + epoch.RobustAccuracy is > 0 and var sum ? 2 * epoch.CleanAccuracy * epoch.RobustAccuracy / sum : 0,
    };
}
