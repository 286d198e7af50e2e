
namespace Microsoft.ML.Adversarial;

/// <summary>
/// An average of the weights that a run passes through, which the fitted model has in place of the last ones. It takes a second copy of the weights in memory. Updates and the training
/// attack know nothing of it.
/// </summary>
public abstract record WeightAveraging : Described
{
    private protected WeightAveraging()
    {
    }

    /// <summary>Whether the average's running statistics are to be estimated on training images before it is used.</summary>
    internal virtual bool EstimatesStatistics => false;

    /// <summary>
    /// After each update t, counted from 1: average = tau average + (1 - tau) weights with tau = min(<paramref name="decay"/>, (1 + t)/(10 + t)), so that the
    /// first weights are soon forgotten. The running statistics of batch normalisation are the network's own, not averaged.
    /// </summary>
    /// <param name="decay">From 0 (the last weights) to below 1. The average reaches back about 1/(1 - decay) updates.</param>
    /// <returns>The averaging.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="decay"/> lies outside its range.</exception>
    public static WeightAveraging Exponential(double decay = 0.995) => new ExponentialAveraging(decay);

    /// <summary>The equal mean of the weights at each epoch's end from one epoch on (stochastic weight averaging, Izmailov et al. 2018, algorithm 1).</summary>
    /// <remarks>
    /// <para>
    /// Averaged weights never normalised a batch, so their running statistics are estimated anew, as the mean over the batches of one epoch, passed through the averaged network as an
    /// update passes them: the same share of clean and of attacked images, each in its domain. The attack normalises with the statistics of the batch it perturbs, whatever
    /// <see cref="TrainingOptions.CraftingStatistics"/> says: running ones that fit these weights do not exist yet, and against others it would miss.
    /// </para>
    /// <para>
    /// Costs one more epoch of attacks and forward passes: at the end of the run, or with a <see cref="TrainingOptions.Selection"/> after each averaged epoch. A run stopped without a
    /// selection does not take that time: it returns the average with the mean of the running statistics at the averaged epochs' ends, and before the first of them the last weights.
    /// </para>
    /// </remarks>
    /// <param name="startEpoch">The first epoch whose end counts, from 1 to the run's <see cref="TrainingOptions.Epochs"/>.</param>
    /// <returns>The averaging.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="startEpoch"/> lies outside its range.</exception>
    public static WeightAveraging Stochastic(int startEpoch) => new StochasticAveraging(startEpoch);

    /// <summary>The s in average = (1 - s) average + s weights after an update, counted from 1.</summary>
    internal virtual double ShareAfterUpdate(long updates) => 0;

    /// <summary>The same after an epoch, counted from 1.</summary>
    internal virtual double ShareAfterEpoch(int epoch) => 0;

    /// <summary>Whether there is an average after so many epochs.</summary>
    internal virtual bool HasBegun(int epochs) => true;

    /// <exception cref="ArgumentException">The averaging does not fit into a run of so many epochs.</exception>
    internal virtual void CheckFits(int epochs)
    {
    }

    private sealed record ExponentialAveraging(double Decay) : WeightAveraging
    {
        private double Decay { get; } = Require.InRange(Decay, 0, 0.999_999_9, "decay");

        public override string ToString() => FormattableString.Invariant($"exponential average of decay {Decay}");

        internal override double ShareAfterUpdate(long updates) => 1 - Math.Min(Decay, (1.0 + updates) / (10.0 + updates));

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("decay", Decay);
        }
    }

    private sealed record StochasticAveraging(int StartEpoch) : WeightAveraging
    {
        internal override bool EstimatesStatistics => true;

        private int StartEpoch { get; } = Require.InRange(StartEpoch, 1, 100_000, "startEpoch");

        public override string ToString() => FormattableString.Invariant($"equal average from epoch {StartEpoch} on");

        /// <summary>Until it begins, the average is what the weights are.</summary>
        internal override double ShareAfterEpoch(int epoch) => 1.0 / Math.Max(1, epoch - StartEpoch + 1);

        internal override bool HasBegun(int epochs) => epochs >= StartEpoch;

        internal override void CheckFits(int epochs)
        {
            if (StartEpoch > epochs)
                throw new ArgumentException(FormattableString.Invariant($"Averaging begins with epoch {StartEpoch}; expected at most Epochs, which is {epochs}."));
        }

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("first epoch", StartEpoch);
        }
    }
}
