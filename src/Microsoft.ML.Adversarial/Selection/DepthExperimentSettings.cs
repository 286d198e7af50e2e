
namespace Microsoft.ML.Adversarial;

/// <summary>What a <see cref="DepthExperiment"/> tries, how it trains, how it judges, and when it ends.</summary>
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
public sealed record DepthExperimentSettings : Described
{
    /// <summary>The depths to try, each with every width, normalisation and method; see <see cref="ResNet.Depth"/>.</summary>
    /// <value>Default 8, 14, 20, 32, for images up to 64 x 64.</value>
    public IReadOnlyList<int> Depths { get; init => field = Require.NotEmpty(value); } = [8, 14, 20, 32];

    /// <summary>The widths to try.</summary>
    /// <value>Default null: that of <see cref="Training"/> alone.</value>
    public IReadOnlyList<int>? Widths { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>The normalisations to try.</summary>
    /// <value>Default null: that of <see cref="Training"/> alone.</value>
    public IReadOnlyList<Normalization>? Normalizations { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>The training methods to try.</summary>
    /// <value>Default null: that of <see cref="Training"/> alone. Each with an attack; all are judged under the same one, see <see cref="ValidationAttack"/>.</value>
    public IReadOnlyList<TrainingMethod>? Methods { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>
    /// How every network is trained. Depth and the end of a run are the experiment's affair, and so are checkpoints and time limits, which must not be set here; of a selection its
    /// attack and its patience are kept.
    /// </summary>
    /// <value>Default: the trainer's defaults.</value>
    public ImageClassificationOptions Training { get; init => field = Require.NotNull(value); } = new();

    /// <summary>Perturbs the validation images after each epoch.</summary>
    /// <value>Default null: the attack of <see cref="Training"/>'s selection where there is one, otherwise that of its method.</value>
    public Attack? ValidationAttack { get; init; }

    /// <summary>What makes one network better than another, and one epoch of a network better than another.</summary>
    /// <value>Default <see cref="SelectionMetric.RobustAccuracy"/>. Networks trained plainly for comparison are judged by their clean accuracy and never the best run.</value>
    public SelectionMetric OptimizingMetric { get; init => field = Require.Defined(value); } = SelectionMetric.RobustAccuracy;

    /// <summary>A network that needs longer than this to score one image, as <see cref="DepthRunDetail.Latency"/> measures it, is not trained on and never the best run.</summary>
    /// <value>Default null: no limit; above zero.</value>
    public TimeSpan? MaximumLatency { get; init => field = value is { } time ? Require.AboveZero(time) : null; }

    /// <summary>
    /// How often the weaker half of the networks is left where it stands: with 2, all train for a quarter of the epochs, half of them for a half, a quarter of them for all. A short
    /// training favours shallow networks.
    /// </summary>
    /// <value>Default 1; from 0, all train to the end, to 10.</value>
    public int Halvings { get; init => field = Require.InRange(value, 0, 10); } = 1;

    /// <summary>
    /// Whether a network starts from the weights of the deepest shallower one of its width, normalisation and method that has been trained so far, and further blocks as the identity. Deep networks then
    /// need fewer epochs, and are compared after more of them than they were given.
    /// </summary>
    /// <value>Default false: all start anew.</value>
    public bool WarmStart { get; init; }

    /// <summary>Whether each depth is trained plainly, too, as in the figure of Xie &amp; Yuille 2020, section 5: after all others, in the time that is left.</summary>
    /// <value>Default true.</value>
    public bool ComparesPlainTraining { get; init; } = true;

    /// <summary>When the experiment ends, also within a run: what has been trained until then counts. Counted anew where an experiment is resumed.</summary>
    /// <value>Default a day; above zero.</value>
    public TimeSpan MaximumExperimentTime { get; init => field = Require.AboveZero(value); } = TimeSpan.FromDays(1);

    /// <summary>How many networks are tried at most, the cheapest first; those trained plainly for comparison are not counted.</summary>
    /// <value>Default null: all; at least 1.</value>
    public int? MaximumModels { get; init => field = value is { } models ? Require.InRange(models, 1, int.MaxValue) : null; }

    /// <summary>
    /// Where runs leave their checkpoints. An experiment with the same settings and data on the same directory goes on where a killed one stood, with its seed where none is stated; with others it is refused by name.
    /// </summary>
    /// <value>Default null: a temporary directory, deleted at the end.</value>
    public string? CheckpointDirectory { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>Whether what the featurizer makes is kept in memory, as floats, instead of being made again in each epoch.</summary>
    /// <value>Default false.</value>
    public bool CacheBeforeTrainer { get; init; }

    /// <summary>
    /// The processes that share the experiment: in every round each trains some of the networks by itself, and all have all of them in the end, those that one process would have trained. All read the same data,
    /// and see the same <see cref="CheckpointDirectory"/>, which must be set. A rank that fails ends all.
    /// </summary>
    /// <value>Default null: this process alone. <see cref="MpiGroup.World"/> otherwise, without <see cref="WarmStart"/>, under which networks wait for each other.</value>
    public ProcessGroup? Distributed { get; init; }

    /// <summary>Called after every weight update, on the thread that trains; of the networks that this process trains.</summary>
    /// <value>Default null.</value>
    public Action<DepthTrial, TrainingMetrics>? TrialProgress { get; init; }

    /// <summary>Stops the experiment within one weight update; what has been trained until then counts.</summary>
    /// <value>Default: never.</value>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Every combination.</summary>
    internal IEnumerable<DepthTrial> Trials =>
        from depth in Depths.Distinct()
        from width in Widths?.Distinct().Select(width => (int?)width) ?? [null]
        from normalization in Normalizations?.Distinct() ?? [null]
        from method in Methods?.Distinct() ?? [null]
        select new DepthTrial(depth) { Width = width, Normalization = normalization, Method = method, NetworkName = Training.Backbone.WithDepth(depth).Name };

    /// <summary>The same network trained on clean images alone.</summary>
    internal DepthTrial PlainOf(DepthTrial trial) => trial with { Method = new PlainTraining { LabelSmoothing = Training.Method.LabelSmoothing } };

    internal ProcessGroup Group => Distributed ?? ProcessGroup.Alone;

    internal bool IsFastEnough(DepthRunDetail run) => MaximumLatency is not { } limit || run.Latency <= limit;

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depths", Depths.Select(depth => (double)depth));
        identity.Add("widths", (Widths ?? []).Select(width => (double)width));
        identity.Add("normalization", Normalizations ?? []);
        if (Methods is not null)
            identity.Add("method", Methods);
        identity.Add("training", Training);
        identity.Add("validation attack", SelectionFor(new DepthTrial(Depths[0])).Attack);
        identity.Add("optimizing metric", OptimizingMetric);
        identity.Add("halvings", Halvings);
        identity.Add("warm start", WarmStart);
        identity.Add("compares plain training", ComparesPlainTraining);
        identity.Add("maximum models", MaximumModels);
        identity.Add("maximum latency in milliseconds", MaximumLatency?.TotalMilliseconds);
    }

    /// <exception cref="ArgumentException">Settings contradict each other.</exception>
    internal void Check()
    {
        Refuse(Training.Checkpoints, nameof(Training.Checkpoints), nameof(CheckpointDirectory));
        Refuse(Training.ResumeFrom, nameof(Training.ResumeFrom), nameof(CheckpointDirectory));
        Refuse(Training.MaximumTrainingTime, nameof(Training.MaximumTrainingTime), nameof(MaximumExperimentTime));
        Refuse(Training.PauseAfterEpoch, nameof(Training.PauseAfterEpoch), nameof(Halvings));
        Refuse(Training.Distributed, nameof(Training.Distributed), nameof(Distributed));
        if (!Group.IsAlone && CheckpointDirectory is null)
            throw new ArgumentException($"Distributed is {Group}, and CheckpointDirectory is null; expected a directory that all ranks see, through which they have each other's networks.");
        if (!Group.IsAlone && WarmStart)
            throw new ArgumentException($"Distributed is {Group}, and WarmStart is true, under which networks wait for shallower ones; expected one of them alone.");
        SelectionFor(new DepthTrial(Depths[0]));
        if (Methods?.FirstOrDefault(method => method.Attack is null) is { } plain)
            throw new ArgumentException($"Methods holds {plain.GetType().Name}, which has no attack, so that its network would be none to choose; expected methods that have one, and {nameof(ComparesPlainTraining)} for a comparison.");

        static void Refuse(object? value, string option, string instead)
        {
            if (value is not null)
                throw new ArgumentException($"Training.{option} is {value}, which an experiment decides for each of its runs; expected null, and {instead} in the experiment's settings.");
        }
    }

    /// <exception cref="ArgumentException">There is no attack to validate with.</exception>
    internal ModelSelection SelectionFor(DepthTrial trial)
    {
        var attack = ValidationAttack ?? Training.Selection?.Attack ?? Training.Method.Attack
            ?? throw new ArgumentException($"{Training.Method.GetType().Name} has no attack to validate with; expected a ValidationAttack.");
        var selection = (Training.Selection ?? new ModelSelection(attack)) with { Attack = attack, Metric = OptimizingMetric };
        return trial.IsForComparison ? selection with { Metric = SelectionMetric.CleanAccuracy, StopsOnCatastrophicOverfitting = false } : selection;
    }
}
