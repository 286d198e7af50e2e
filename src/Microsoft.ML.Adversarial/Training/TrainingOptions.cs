
namespace Microsoft.ML.Adversarial;

/// <summary>The network to train and how: everything that does not depend on where the images come from.</summary>
/// <example>
/// <code>
/// var attack = new PgdAttack(Budget.LInf(12)) { Steps = 3 };
/// var pipeline = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
/// {
///     Normalization = Normalization.MixtureBatch,
///     Method = new AdversarialTraining(attack) { CleanRatio = 1 },
///     ConsistentEpochs = 2,
/// }));
/// </code>
/// </example>
public record TrainingOptions : Described
{
    /// <summary>Which network to train.</summary>
    /// <value>Default <c>new ResNet(20)</c>.</value>
    public Backbone Backbone { get; init => field = Require.NotNull(value); } = new ResNet(20);

    /// <summary>How activations are normalised.</summary>
    /// <value>Default <see cref="Normalization.Batch"/>.</value>
    public Normalization Normalization { get; init => field = Require.NotNull(value); } = Normalization.Batch;

    /// <summary>How pixels enter the network's first convolution.</summary>
    /// <value>Default <see cref="PixelNormalization.SymmetricRange"/>; <see cref="PixelNormalization.ImageNet"/> to start from torchvision's weights.</value>
    public PixelNormalization PixelNormalization { get; init => field = Require.NotNull(value); } = PixelNormalization.SymmetricRange;

    /// <summary>What each batch does to the network: which images enter, and what the weight update lowers.</summary>
    /// <value>Default: adversarial training with PGD of 10 steps within 8/255 (Madry et al. 2018; step size 2/255).</value>
    public TrainingMethod Method { get; init => field = Require.NotNull(value); } =
        new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 10, StepSize = StepSize.GreyLevels(2) });

    /// <summary>The domain whose normalisation the fitted model passes every image through.</summary>
    /// <value>
    /// Default null: the adversarial domain where the method trains it, otherwise the clean one. Of no effect where <see cref="Normalization"/> does not tell
    /// domains apart.
    /// </value>
    public ImageDomain? InferenceDomain { get; init => field = value is { } domain ? Require.Defined(domain) : null; }

    /// <summary>The first epochs, in which the radius of training attacks rises from zero, in proportion: a gentle start where the full budget would keep a network from learning. Validation has it from the start.</summary>
    /// <value>Default 0: the full radius at once; from 0 to <see cref="Epochs"/>, fractions too, above 0 only with a method that attacks. Fixed steps stay as long as they are.</value>
    public double BudgetWarmupEpochs { get; init => field = Require.InRange(value, 0, 100_000); }

    /// <summary>What batch normalisation normalises with while the attack perturbs a training batch.</summary>
    /// <value>Default <see cref="CraftingStatistics.Running"/>.</value>
    public CraftingStatistics CraftingStatistics { get; init => field = Require.Defined(value); } = CraftingStatistics.Running;

    /// <summary>The numbers in which the network computes while attacks craft training images; steps and budgets are float32 in either case.</summary>
    /// <value>Default <see cref="Precision.Single"/>. With <see cref="Precision.Automatic"/> the choice may differ from machine to machine, and so the weights.</value>
    public Precision CraftingPrecision { get; init => field = Require.Defined(value); } = Precision.Single;

    /// <summary>
    /// The numbers in which the network computes in weight updates. The weights that are kept, their gradients, statistics and losses are float32 in either case, so the loss needs no scaling
    /// (Kalamkar et al. 2019, section 3).
    /// </summary>
    /// <value>Default <see cref="Precision.Single"/>; not <see cref="Precision.Automatic"/>.</value>
    public Precision UpdatePrecision { get; init => field = Require.Stated(value); } = Precision.Single;

    /// <summary>Passes over the training images.</summary>
    /// <value>Default 30; from 1 to 100 000.</value>
    public int Epochs { get; init => field = Require.InRange(value, 1, 100_000); } = 30;

    /// <summary>
    /// The last epochs, in which updates normalise with the running statistics, as at test time, and move them no more; all weights go on learning: consistent
    /// batch normalisation (Xie &amp; Yuille 2020, section 4.2).
    /// </summary>
    /// <value>
    /// Default null: 0, and all where the backbone is an <see cref="OnnxBackbone"/>, whose statistics are those of its own training; from 0 to <see cref="Epochs"/>. Ten of 110 epochs stand for the paper's choice. The rate should be low by then: while it is high, frozen
    /// statistics fall behind the weights and accuracy is lost. Of no effect without batch normalisation.
    /// </value>
    public int? ConsistentEpochs { get; init => field = value is { } epochs ? Require.InRange(epochs, 0, 100_000) : null; }

    /// <summary>Images in one weight update; the last batch of an epoch holds what is left.</summary>
    /// <value>Default 128; from 1 to 65 536.</value>
    public int BatchSize { get; init => field = Require.InRange(value, 1, 65_536); } = 128;

    /// <summary>The highest learning rate of stochastic gradient descent; <see cref="Schedule"/> says when it is reached.</summary>
    /// <value>Default 0.1; above 0 and at most 100.</value>
    public double LearningRate { get; init => field = Require.AboveZero(value, 100); } = 0.1;

    /// <summary>How the learning rate rises and falls.</summary>
    /// <value>Default <see cref="LearningRateSchedule.OneCycle"/>.</value>
    public LearningRateSchedule Schedule { get; init => field = Require.NotNull(value); } = LearningRateSchedule.OneCycle();

    /// <summary>Nesterov's momentum.</summary>
    /// <value>Default 0.9; from 0 (plain gradient descent) to below 1.</value>
    public double Momentum { get; init => field = Require.InRange(value, 0, 0.9999); } = 0.9;

    /// <summary>The L2 penalty on the weights of convolutions and of the classifying layer; scales, shifts and biases are not decayed.</summary>
    /// <value>Default 5e-4 (Madry et al. 2018, on CIFAR-10); from 0 to 1. Xie &amp; Yuille 2020 use 1e-4 on ImageNet.</value>
    public double WeightDecay { get; init => field = Require.InRange(value, 0, 1); } = 5e-4;

    /// <summary>
    /// Whether updates keep only what enters each residual block and compute the rest again for the gradient: about a third more work in the update, and memory
    /// that hardly grows with depth (Chen et al. 2016). The weights come out the same. A gradient at the images cannot be
    /// differentiated again, which <see cref="TrainingMethod.NeedsImageGradientGraph"/> is about.
    /// </summary>
    /// <value>Default false.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Whether the fitted model has an average of the weights that the run passes through. With a <see cref="Selection"/> it is the average that is measured and kept.</summary>
    /// <value>Default null: none. <see cref="WeightAveraging.Exponential"/> or <see cref="WeightAveraging.Stochastic"/>.</value>
    public WeightAveraging? Averaging { get; init; }

    /// <summary>Measures every epoch on validation images and returns the weights of the best one.</summary>
    /// <value>Default null: the last weights, and no validation.</value>
    public ModelSelection? Selection { get; init; }

    /// <summary>
    /// A safetensors file with torchvision's names to start from instead of random weights, for the same depth, width, stem and normalisation, or an ONNX file whose initializers have these
    /// names, as torch.onnx.export keeps them with <c>training=TrainingMode.PRESERVE</c> and <c>do_constant_folding=False</c>. Names of the robust literature's public networks are translated (docs/foreign-models.md). Two things may differ: a last layer for
    /// another number of classes, or one that the file lacks, starts at random, and weights of <see cref="Normalization.Batch"/> start both domains of <see cref="Normalization.MixtureBatch"/>. A run that
    /// goes on from a checkpoint has the checkpoint's weights, and is refused where it does not name the same file, by content, as the run that wrote it.
    /// </summary>
    /// <value>
    /// Default null: random weights. Torchvision's own models have the stem of images above 64 pixels, and learned with <see cref="PixelNormalization.ImageNet"/>, which the file does
    /// not say.
    /// </value>
    public string? InitialWeights { get; init => field = value is { } path ? Require.NotEmpty(path) : null; }

    /// <summary>
    /// The processes that share the training. Each reads the same data, takes its part of every batch and computes its gradients; their sum makes the update of all, so that all have the same weights after it
    /// (synchronous gradient descent, as Xie &amp; Yuille 2020, section 3.1, on 128 GPUs). <see cref="BatchSize"/> is that of all together. Rank 0 alone writes checkpoints and events; every rank gets the model,
    /// and stops where one is told to. A rank that fails ends all.
    /// </summary>
    /// <value>Default null: this process alone. <see cref="MpiGroup.World"/> otherwise, with every method but those that keep numbers of their images, as <see cref="FreeAdversarialTraining"/> does.</value>
    public ProcessGroup? Distributed { get; init; }

    /// <summary>
    /// Whether batch normalisation normalises with the statistics of all ranks' images in updates, at the price of a message in every layer, forward and back. Without it each rank's images have their own, as in the paper, which trains with
    /// 32 images on each GPU, and running statistics are the mean of all ranks' in either case. An attack under <see cref="CraftingStatistics.Batch"/> normalises with those of its rank.
    /// </summary>
    /// <value>Default false. Of no effect where <see cref="Distributed"/> is null.</value>
    public bool SynchronizesStatistics { get; init; }

    /// <summary>Where the run writes down all that it needs to go on.</summary>
    /// <value>Default null: nowhere.</value>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>
    /// A checkpoint to go on from, or a folder of them, of which the newest is taken. The run then ends with the weights that it would have had without the break, bit for bit. A
    /// checkpoint of another network, other data or other options is refused; a folder without a checkpoint starts the run from its beginning.
    /// </summary>
    /// <value>Default null: from the beginning.</value>
    public string? ResumeFrom { get; init => field = value is { } path ? Require.NotEmpty(path) : null; }

    /// <summary>
    /// The epoch after which this training pauses and returns the model as it is: with <see cref="Checkpoints"/> and <see cref="ResumeFrom"/> it goes on another time as if there had been
    /// no pause. The schedule is that of all <see cref="Epochs"/>.
    /// </summary>
    /// <value>Default null: no pause; otherwise from 1 to 100 000.</value>
    public int? PauseAfterEpoch { get; init => field = value is { } epoch ? Require.InRange(epoch, 1, 100_000) : null; }

    /// <summary>
    /// Where the run writes an event file for TensorBoard (<c>tensorboard --logdir</c> the directory): for every update <c>training/loss</c> (of its own images), <c>learning_rate</c>, <c>images_per_second</c> and, where measured (see
    /// <see cref="MeasureEvery"/>), <c>clean_accuracy</c> and <c>robust_accuracy</c>; for every epoch with a <see cref="Selection"/> <c>validation/clean_accuracy</c> and
    /// <c>robust_accuracy</c>. Steps count weight updates. Each run adds a file of its own, a resumed one too, and goes on counting.
    /// </summary>
    /// <value>Default null: nowhere. Made where it does not exist; one that cannot be written to ends the run.</value>
    public string? EventDirectory { get; init => field = value is { } path ? Require.NotEmpty(path) : null; }

    /// <summary>The time after which training stops, within one weight update or one query of validation's attack; counted anew where a run is resumed.</summary>
    /// <value>Default null: none; above zero and at most 49 days.</value>
    public TimeSpan? MaximumTrainingTime { get; init => field = value is { } time ? Require.AboveZero(time, TimeSpan.FromDays(49)) : null; }

    /// <summary>What becomes of a run that is cancelled, or out of time. Where there are <see cref="Checkpoints"/> it leaves one in either case.</summary>
    /// <value>Default <see cref="StoppedTraining.Throw"/>.</value>
    public StoppedTraining WhenStopped { get; init => field = Require.Defined(value); } = StoppedTraining.Throw;

    /// <summary>On every so many batches the accuracies, clean and under the training attack, are measured for the progress reports.</summary>
    /// <value>Default 10; from 1 to 1 000 000. Each measurement costs one more forward pass for each kind of image.</value>
    public int MeasureEvery { get; init => field = Require.InRange(value, 1, 1_000_000); } = 10;

    /// <summary>Under which a run's identity has it.</summary>
    internal const string CraftingPrecisionName = "crafting precision";

    internal ProcessGroup Group => Distributed ?? ProcessGroup.Alone;

    /// <summary>With whom updates compute batch statistics; null where each rank has its own.</summary>
    /// <param name="isStandIn">Whether this rank's images count for nothing.</param>
    internal SharedStatistics? Shared(bool isStandIn) => SynchronizesStatistics && !Group.IsAlone ? new SharedStatistics(Group, Counts: !isStandIn) : null;

    /// <summary>The domain of the fitted model.</summary>
    internal ImageDomain ResolvedInferenceDomain =>
        InferenceDomain ?? (Method.Domains.Contains(ImageDomain.Adversarial) ? ImageDomain.Adversarial : ImageDomain.Clean);

    /// <summary>How many of the last epochs normalise with running statistics.</summary>
    internal int ResolvedConsistentEpochs => ConsistentEpochs ?? (Backbone.IsTrained ? Epochs : 0);

    /// <summary>How much of its radius a training attack's budget has after so many epochs.</summary>
    internal double BudgetShareAt(double epoch) => BudgetWarmupEpochs > 0 ? Math.Min(1, epoch / BudgetWarmupEpochs) : 1;

    /// <summary>What decides the weights that come out. The run's identity adds the seed, the data and the content of the initial weights.</summary>
    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("backbone", Backbone);
        identity.Add("normalization", Normalization);
        identity.Add("pixel normalization", PixelNormalization);
        identity.Add("method", Method);
        identity.Add("inference domain", ResolvedInferenceDomain);
        identity.Add("budget warm-up epochs", BudgetWarmupEpochs > 0 ? BudgetWarmupEpochs : null);
        identity.Add("crafting statistics", CraftingStatistics);
        identity.Add(CraftingPrecisionName, CraftingPrecision);
        identity.Add("update precision", UpdatePrecision);
        identity.Add("number of epochs", Epochs);
        identity.Add("number of consistent epochs", ResolvedConsistentEpochs);
        identity.Add("batch size", BatchSize);
        identity.Add("statistics of all ranks", SynchronizesStatistics ? "yes" : null);
        identity.Add("learning rate", LearningRate);
        identity.Add("schedule", Schedule);
        identity.Add("momentum", Momentum);
        identity.Add("weight decay", WeightDecay);
        identity.Add("averaging", Averaging);
        identity.Add("selection", Selection);
    }

    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    /// <exception cref="FileNotFoundException">The initial weights do not exist.</exception>
    internal virtual void Check()
    {
        Method.Check();
        Schedule.CheckFits(Epochs);
        Averaging?.CheckFits(Epochs);
        if (InitialWeights is { } path)
            InitialWeightsFile.CheckExists(path);
        if (ActivationCheckpointing && Method.NeedsImageGradientGraph)
            throw new ArgumentException($"ActivationCheckpointing is on, and {Method.GetType().Name} differentiates the images' gradient once more, for which everything must be kept; expected it to be off.");
        CheckBudgetWarmup();
        if (Selection is { StopsOnCatastrophicOverfitting: true } && Method.Attack is null)
            throw new ArgumentException($"The Selection stops on catastrophic overfitting, and {Method.GetType().Name} trains no robustness that could be lost; expected StopsOnCatastrophicOverfitting to be off.");
        if (ConsistentEpochs > Epochs)
            throw new ArgumentException($"ConsistentEpochs is {ConsistentEpochs}; expected at most Epochs, which is {Epochs}.");
        if (Backbone.OwnPixels is { } own && PixelNormalization != PixelNormalization.SymmetricRange && PixelNormalization != own)
            throw new ArgumentException($"PixelNormalization is {PixelNormalization}, and {Backbone} takes pixels as {own}, as it was loaded; expected PixelNormalization to be left out.");
        if (Normalization.SeparatesDomains && InferenceDomain is { } domain && !Method.Domains.Contains(domain))
            throw new ArgumentException(
                $"InferenceDomain is {domain}, which {Method.GetType().Name} does not train; expected {string.Join(" or ", Method.Domains)}, or a method whose CleanRatio is above 0.");
    }

    private void CheckBudgetWarmup()
    {
        if (BudgetWarmupEpochs > Epochs)
            throw new ArgumentException(FormattableString.Invariant($"BudgetWarmupEpochs is {BudgetWarmupEpochs}; expected at most Epochs, which is {Epochs}."));
        if (BudgetWarmupEpochs > 0 && Method.Attack is null)
            throw new ArgumentException(FormattableString.Invariant($"BudgetWarmupEpochs is {BudgetWarmupEpochs}, and {Method.GetType().Name} has no attack whose budget could rise; expected 0."));
        if (BudgetWarmupEpochs > 0)
            _ = Method.Attack!.Budget.Scaled(0.5);
    }
}
