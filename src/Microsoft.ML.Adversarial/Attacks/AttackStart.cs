using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Where the steps of an attack begin.</summary>
public abstract record AttackStart : Described
{
    private protected AttackStart()
    {
    }

    /// <summary>A random point of the budget, uniform in an L-infinity ball (Madry et al. 2018, section 4).</summary>
    public static AttackStart Random { get; } = new RandomStart();

    /// <summary>The clean image.</summary>
    public static AttackStart Clean { get; } = new CleanStart();

    /// <summary>The clean image with normal noise, within the budget: hardly away from it, where a loss that compares both has no gradient on the image itself (Zhang et al. 2019, whose public code has 0.001).</summary>
    /// <param name="deviation">The noise's standard deviation on the scale of [0, 1]; above 0, to 1.</param>
    /// <returns>The start.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deviation"/> lies outside its range.</exception>
    public static AttackStart Noise(double deviation) => new NoiseStart(Require.InRange(deviation, double.Epsilon, 1, nameof(deviation)));

    /// <returns>float32, the shape of the images, within the budget and [0, 1].</returns>
    internal abstract Tensor Of(Tensor images, Budget budget, ImageRandom random);

    private sealed record RandomStart : AttackStart
    {
        public override string ToString() => "random start";

        internal override Tensor Of(Tensor images, Budget budget, ImageRandom random) => budget.RandomStart(images, random);
    }

    private sealed record CleanStart : AttackStart
    {
        public override string ToString() => "clean start";

        internal override Tensor Of(Tensor images, Budget budget, ImageRandom random) => images;
    }

    private sealed record NoiseStart(double Deviation) : AttackStart
    {
        public override string ToString() => FormattableString.Invariant($"start with noise of {Deviation}");

        internal override Tensor Of(Tensor images, Budget budget, ImageRandom random) => budget.Project(images.PlusScaled(random.Normal("start", images), Deviation), images);

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("deviation", Deviation);
        }
    }
}
