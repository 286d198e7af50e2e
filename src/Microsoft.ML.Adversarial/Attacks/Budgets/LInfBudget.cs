using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The L-infinity ball (Madry et al. 2018, section 2.1).</summary>
internal sealed record LInfBudget(double GreyLevels) : Budget
{
    public override double Radius => GreyLevels / 255;

    /// <summary>max(1, eps/steps) grey levels (Xie &amp; Yuille 2020, section 3.1).</summary>
    public override double DefaultStepSize(int steps) => Math.Max(1, GreyLevels / steps) / 255;

    public override Budget Scaled(double share) => new LInfBudget(GreyLevels * Require.InRange(share, 0, 1, nameof(share)));

    public override Tensor RandomStart(Tensor images, ImageRandom random) =>
        Project(images.PlusScaled(random.Uniform("start", images).TimesInPlace(2).AddInPlace(-1), Radius), images);

    public override Tensor RandomDirection(Tensor images, ImageRandom random)
    {
        var cube = random.Uniform("direction", images).TimesInPlace(2).AddInPlace(-1);
        return cube.div(cube.abs().amax([1, 2, 3], keepdim: true));
    }

    public override Tensor SteepestDirection(Tensor gradient) => gradient.sign();

    public override Tensor Project(Tensor candidates, Tensor images) =>
        candidates.clamp(images.Plus(-Radius).ClampInPlace(0, 1), images.Plus(Radius).ClampInPlace(0, 1));

    public override Tensor Distance(Tensor candidates, Tensor images) => candidates.sub(images).abs_().flatten(1).amax([1]);

    protected override void Describe(Identity identity) => identity.Add("grey levels", GreyLevels);

    public override string ToString() => FormattableString.Invariant($"L-inf {GreyLevels}/255");
}
