using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>For each image where a linear function is zero, that has a value and a gradient at a point.</summary>
/// <param name="Points">float32 [batch, channels, height, width].</param>
/// <param name="Values">float32 [batch]: the function at the points.</param>
/// <param name="Weights">float32, the shape of the points: its gradient.</param>
internal sealed record Hyperplane(Tensor Points, Tensor Values, Tensor Weights)
{
    /// <summary>A step after which more pixels are at their walls is followed by another; some ten are seen.</summary>
    private const int MostIterations = 100;

    /// <summary>How far the points are from their planes, the box of pixels aside: the value divided by the dual norm of the weights.</summary>
    public Tensor Distance(Budget budget)
    {
        const double tiny = 1e-12;
        // Of all directions of length 1 none gains more than the steepest: what it gains is the dual norm.
        return Values.abs().div(Product(Weights, budget.SteepestDirection(Weights)).Plus(tiny));
    }

    /// <summary>
    /// The shortest way in the budget's norm from each image in [0, 1] to its plane inside [0, 1]; where the plane lies outside, to the corner nearest to it. Each
    /// pixel moves towards the plane at its own speed, that of the budget's steepest direction, until the plane is reached or the pixel is black or white: all at the same speed for
    /// L-infinity, in proportion to their weights for L2 (the conditions of Karush, Kuhn and Tucker); for other budgets it is a way, not always the shortest.
    /// </summary>
    /// <param name="budget">Gives the norm.</param>
    /// <param name="images">float32, the shape of <see cref="Weights"/>, in [0, 1].</param>
    /// <returns>float32, the same shape: the difference to where the way ends.</returns>
    public Tensor ShortestWay(Budget budget, Tensor images)
    {
        var value = Values.Plus(Product(Weights, images.sub(Points))).unsqueeze(1);
        var position = images.flatten(1);
        var direction = Weights.flatten(1).sign().mul(value.sign().neg());
        var speed = budget.SteepestDirection(Weights).abs_().flatten(1);
        var room = where(direction.IsAtMost(0), position, position.neg().AddInPlace(1.0));
        var gain = Weights.flatten(1).abs();
        return direction.mul(minimum(speed.mul(TimeToClose(value.abs(), gain, speed, room)), room)).view(Weights.shape);
    }

    /// <summary>
    /// When the gap is closed, if it shrinks by gain · min(speed · time, room) summed over the pixels. That is concave and made of straight pieces, so Newton's steps from zero never overshoot, and the first
    /// during which no pixel meets its wall ends there. An image that is there stays, however long the others take.
    /// </summary>
    private static Tensor TimeToClose(Tensor gap, Tensor gain, Tensor speed, Tensor room)
    {
        const double never = 1e30;
        var full = gain.mul(speed);
        var time = zeros_like(gap);
        var before = full.sum(1, keepdim: true).AddInPlace(1.0);
        for (var i = 0; i < MostIterations; i++)
        {
            using var scope = NewDisposeScope();
            var moved = speed.mul(time);
            var rate = full.mul(moved < room).sum(1, keepdim: true);
            if (rate.Equals(before))
                break;
            var isThere = rate == before;
            var open = gap.sub(gain.mul(minimum(moved, room)).sum(1, keepdim: true));
            var isStuck = rate.IsAtMost(0);
            // Where every pixel is at its wall and the gap is open, the plane lies outside.
            var next = where(isStuck, where(open.IsAtMost(0), time, ones_like(time).TimesInPlace(never)), time.Plus(open.div(where(isStuck, ones_like(rate), rate))));
            (time, before) = (where(isThere, time, next).MoveToOuterDisposeScope(), rate.MoveToOuterDisposeScope());
        }
        return time;
    }

    /// <returns>float32 [batch].</returns>
    private static Tensor Product(Tensor first, Tensor second) => first.mul(second).flatten(1).sum(1);
}
