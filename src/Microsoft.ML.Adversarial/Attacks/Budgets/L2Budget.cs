using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The Euclidean ball over all pixel values of an image.</summary>
internal sealed record L2Budget(double Epsilon) : Budget
{
    /// <summary>Keeps a vanishing gradient from dividing by zero; such an image stays where it is.</summary>
    private const double Tiny = 1e-12;

    public override double Radius => Epsilon;

    /// <summary>2.5 eps/steps: far enough to reach the boundary from any start and to move along it (Madry et al. 2018, section 5).</summary>
    public override double DefaultStepSize(int steps) => 2.5 * Epsilon / steps;

    public override Budget Scaled(double share) => new L2Budget(Epsilon * Require.InRange(share, 0, 1, nameof(share)));

    /// <summary>Uniform in the ball: a uniform direction, and a radius whose power of the dimension is uniform.</summary>
    public override Tensor RandomStart(Tensor images, ImageRandom random)
    {
        var direction = RandomDirection(images, random);
        var dimension = images[0].numel();
        var radius = random.Uniform("radius", images[TensorIndex.Colon, ..1, ..1, ..1]).ToThePower(1.0 / dimension);
        return Project(images.PlusScaled(direction.mul(radius), Radius), images);
    }

    public override Tensor RandomDirection(Tensor images, ImageRandom random)
    {
        var direction = random.Normal("direction", images);
        return direction.div(Norm(direction));
    }

    /// <summary>Divided by its largest component first, so that a gradient too small to be squared still gives a whole step.</summary>
    public override Tensor SteepestDirection(Tensor gradient)
    {
        const double smallest = 1e-38;
        var scaled = gradient.div(gradient.abs().amax([1, 2, 3], keepdim: true).AddInPlace(smallest));
        return scaled.div(Norm(scaled));
    }

    /// <summary>Clipping to [0, 1] last cannot leave the ball, because it moves every pixel towards the clean image's own.</summary>
    public override Tensor Project(Tensor candidates, Tensor images)
    {
        var difference = candidates.sub(images);
        var shrink = Norm(difference).reciprocal().Times(Radius).AtMost(1);
        return images.Plus(difference.mul(shrink)).ClampInPlace(0, 1);
    }

    public override Tensor Distance(Tensor candidates, Tensor images) => candidates.sub(images).flatten(1).norm(1);

    internal override SquarePainter Painter() => new L2SquarePainter(this);

    protected override void Describe(Identity identity) => identity.Add("distance", Epsilon);

    public override string ToString() => FormattableString.Invariant($"L2 {Epsilon}");

    /// <summary>[n, c, h, w] to [n, 1, 1, 1], never quite zero.</summary>
    private static Tensor Norm(Tensor images) => images.mul(images).sum([1, 2, 3], keepdim: true).sqrt_().AddInPlace(Tiny);
}
