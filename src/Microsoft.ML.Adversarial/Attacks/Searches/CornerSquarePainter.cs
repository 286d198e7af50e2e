using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Stripes, then squares, all at the ball's corners (Andriushchenko et al. 2020, algorithm 2).</summary>
internal sealed class CornerSquarePainter(Budget budget) : SquarePainter(budget)
{
    /// <summary>Vertical stripes one pixel wide, each channel by a whole radius up or down.</summary>
    public override Tensor Start(Tensor clean, ImageRandom random) =>
        Budget.Project(clean.PlusScaled(Signs(random, "stripes", clean[.., .., ..1, ..]), Budget.Radius), clean);

    /// <summary>By two radii, so that the projection leaves a whole radius in the new direction.</summary>
    public override Tensor Paint(Tensor clean, Tensor best, ImageRandom random, double share)
    {
        var side = SquareSchedule.Side(share, clean.shape[2], clean.shape[3], least: 1);
        var (top, left) = Corner(random, "corner", clean, side);
        var isInSquare = PlaceInSquare(clean, top, left, side).IsAtMost(-1).logical_not();
        var colors = Signs(random, "colors", clean[.., .., ..1, ..1]);
        return Budget.Project(best.PlusScaled(isInSquare.to(float32).mul(colors), 2 * Budget.Radius), clean);
    }
}
