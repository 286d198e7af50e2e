using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Extensions;

/// <summary>A tenth of the range, but only in the upper half of the image. Its scalars live on, because TorchSharp does not keep them alive.</summary>
public sealed record TopHalfBudget : Budget
{
    private static readonly Scalar Zero = 0.ToScalar(), One = 1.ToScalar(), Least = (-0.1).ToScalar(), Most = 0.1.ToScalar();

    public override double Radius => 0.1;

    public override double DefaultStepSize(int steps) => 2 * Radius / steps;

    public override Tensor RandomStart(Tensor images, ImageRandom random) => images.clone();

    public override Tensor RandomDirection(Tensor images, ImageRandom random) => SteepestDirection(random.Normal("direction", images));

    public override Tensor SteepestDirection(Tensor gradient) => gradient.sign();

    public override Tensor Project(Tensor candidates, Tensor images)
    {
        var isUpper = tensor(Enumerable.Range(0, 8).Select(row => row < 4 ? 1f : 0f).ToArray()).view(1, 1, 8, 1);
        var moves = candidates.sub(images).clamp(Least, Most).mul(isUpper);
        return images.add(moves, One).clamp(Zero, One);
    }

    public override Tensor Distance(Tensor candidates, Tensor images) => candidates.sub(images).abs().flatten(1).amax([1]);

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.AddNothing();
    }
}
