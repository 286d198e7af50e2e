using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>The learning rate as a pure function of how far the run has come, as a factor of the peak rate.</summary>
public abstract record LearningRateSchedule : Described
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>One factor lower from each of some epochs on (He et al. 2016; Xie &amp; Yuille 2020 use 35, 70, 95 of 110 after 5 epochs of warm-up).</summary>
    /// <param name="epochs">The epochs, rising, at which the rate falls; each above 0 and before the end of the run.</param>
    /// <param name="factor">What the rate is multiplied with, above 0 and at most 1.</param>
    /// <param name="warmupEpochs">Epochs of linear rise from zero to the peak at the start, from 0.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentException">The epochs do not rise.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static LearningRateSchedule Steps(IReadOnlyList<double> epochs, double factor = 0.1, double warmupEpochs = 0) =>
        new StepSchedule(epochs, factor, warmupEpochs);

    /// <summary>Half a cosine from the peak to zero (Loshchilov &amp; Hutter 2017, equation 5, without restarts).</summary>
    /// <param name="warmupEpochs">Epochs of linear rise from zero to the peak at the start, from 0.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static LearningRateSchedule Cosine(double warmupEpochs = 0) => new CosineSchedule(warmupEpochs);

    /// <summary>Rises to the peak and falls to almost nothing, both along half cosines (Smith &amp; Topin 2018; the defaults are PyTorch's).</summary>
    /// <param name="riseFraction">The share of the run spent rising, from 0.001 to 0.999.</param>
    /// <param name="initialDivisor">The run starts with the peak rate divided by this, at least 1.</param>
    /// <param name="finalDivisor">The run ends with the initial rate divided by this, at least 1.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static LearningRateSchedule OneCycle(double riseFraction = 0.3, double initialDivisor = 25, double finalDivisor = 1e4) =>
        new OneCycleSchedule(riseFraction, initialDivisor, finalDivisor);

    /// <summary>Straight up from zero to the peak and straight down again (Smith 2017, arXiv:1506.01186, section 3.1, one cycle of it), as Fast adversarial training does (Wong et al. 2020, section 5).</summary>
    /// <param name="riseFraction">The share of the run spent rising, from 0.001 to 0.999.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number lies outside its range.</exception>
    public static LearningRateSchedule Triangle(double riseFraction = 0.5) => new TriangleSchedule(Require.InRange(riseFraction, 0.001, 0.999, nameof(riseFraction)));

    /// <summary>The factor of the peak rate at a moment of the run.</summary>
    /// <param name="epoch">Epochs done, with the fraction of the current one; from 0 to <paramref name="epochs"/>.</param>
    /// <param name="epochs">Epochs of the whole run.</param>
    /// <returns>From 0 to 1.</returns>
    public abstract double FactorAt(double epoch, int epochs);

    /// <exception cref="ArgumentException">The schedule does not fit into a run of so many epochs.</exception>
    internal virtual void CheckFits(int epochs)
    {
    }

    /// <summary>1 after the warm-up; before it the share of it that is done.</summary>
    private static double Warmup(double epoch, double warmupEpochs) => warmupEpochs > 0 ? Math.Min(1, epoch / warmupEpochs) : 1;

    private static void CheckWarmup(double warmupEpochs, int epochs)
    {
        if (warmupEpochs >= epochs)
            throw new ArgumentException(FormattableString.Invariant($"The schedule warms up for {warmupEpochs} epochs; expected fewer than the run's Epochs, which is {epochs}."));
    }

    private static double HalfCosine(double from, double to, double progress) => to + (from - to) * (1 + Math.Cos(Math.PI * Math.Clamp(progress, 0, 1))) / 2;

    private sealed record StepSchedule : LearningRateSchedule
    {
        private readonly double[] falls;
        private readonly double factor, warmupEpochs;

        public StepSchedule(IReadOnlyList<double> epochs, double factor, double warmupEpochs)
        {
            falls = [.. Require.NotNull(epochs, nameof(epochs))];
            this.factor = Require.AboveZero(factor, 1, nameof(factor));
            this.warmupEpochs = Require.InRange(warmupEpochs, 0, 1e6, nameof(warmupEpochs));
            if (falls.Zip(falls.Skip(1)).Any(pair => !(pair.First < pair.Second)) || falls.Any(epoch => !(epoch > 0)))
                throw new ArgumentException($"epochs must be above 0 and rise; they are {Falls}.", nameof(epochs));
        }

        private string Falls => string.Join(", ", falls.Select(epoch => epoch.ToString(CultureInfo.InvariantCulture)));

        public override string ToString() => FormattableString.Invariant($"x {factor} at epochs {Falls}, {warmupEpochs} of warm-up");

        public override double FactorAt(double epoch, int epochs) => Warmup(epoch, warmupEpochs) * Math.Pow(factor, falls.Count(fall => epoch >= fall));

        internal override void CheckFits(int epochs)
        {
            CheckWarmup(warmupEpochs, epochs);
            if (falls.Length > 0 && falls[^1] >= epochs)
                throw new ArgumentException(FormattableString.Invariant($"The schedule lowers the rate at epoch {falls[^1]}; expected epochs before the end of the run, whose Epochs is {epochs}."));
        }

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("epochs", falls);
            identity.Add("factor", factor);
            identity.Add("warm-up epochs", warmupEpochs);
        }
    }

    private sealed record CosineSchedule(double WarmupEpochs) : LearningRateSchedule
    {
        private double WarmupEpochs { get; } = Require.InRange(WarmupEpochs, 0, 1e6);

        public override string ToString() => FormattableString.Invariant($"cosine, {WarmupEpochs} epochs of warm-up");

        public override double FactorAt(double epoch, int epochs) =>
            epoch < WarmupEpochs ? Warmup(epoch, WarmupEpochs) : HalfCosine(1, 0, (epoch - WarmupEpochs) / (epochs - WarmupEpochs));

        internal override void CheckFits(int epochs) => CheckWarmup(WarmupEpochs, epochs);

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("warm-up epochs", WarmupEpochs);
        }
    }

    private sealed record TriangleSchedule(double RiseFraction) : LearningRateSchedule
    {
        public override string ToString() => FormattableString.Invariant($"triangle, rising for {RiseFraction} of the run");

        public override double FactorAt(double epoch, int epochs) =>
            Math.Clamp(Math.Min(epoch / (RiseFraction * epochs), (1 - epoch / epochs) / (1 - RiseFraction)), 0, 1);

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("rise fraction", RiseFraction);
        }
    }

    private sealed record OneCycleSchedule : LearningRateSchedule
    {
        private readonly double riseFraction, initial, final;

        public OneCycleSchedule(double riseFraction, double initialDivisor, double finalDivisor)
        {
            this.riseFraction = Require.InRange(riseFraction, 0.001, 0.999, nameof(riseFraction));
            initial = 1 / Require.InRange(initialDivisor, 1, 1e9, nameof(initialDivisor));
            final = initial / Require.InRange(finalDivisor, 1, 1e9, nameof(finalDivisor));
        }

        public override string ToString() => FormattableString.Invariant($"one cycle, rising for {riseFraction} of the run from {initial:r} to {final:r} of the peak");

        public override double FactorAt(double epoch, int epochs)
        {
            var progress = epoch / epochs;
            return progress < riseFraction
                ? HalfCosine(initial, 1, progress / riseFraction)
                : HalfCosine(1, final, (progress - riseFraction) / (1 - riseFraction));
        }

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("rise fraction", riseFraction);
            identity.Add("initial factor", initial);
            identity.Add("final factor", final);
        }
    }
}
