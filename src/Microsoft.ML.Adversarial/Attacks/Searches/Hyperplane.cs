using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A hyperplane for each image: the points x with weights · x = offset.</summary>
/// <param name="Weights">float32 [batch, channels, height, width].</param>
/// <param name="Offset">float64 [batch].</param>
internal sealed record Hyperplane(Tensor Weights, Tensor Offset)
{
    /// <summary>Where a function that has these values and gradients at these points, and is linear, is zero.</summary>
    public static Hyperplane Where(Tensor values, Tensor gradients, Tensor points) =>
        new(gradients, Product(gradients, points).sub(values.to(float64)));

    /// <summary>How far the points are from their planes, the box of pixels aside: the gap divided by the dual norm of the weights.</summary>
    public Tensor Distance(Budget budget, Tensor points)
    {
        const double tiny = 1e-12;
        var weights = Weights.to(float64);
        // Of all directions of length 1 none gains more than the steepest: what it gains is the dual norm.
        var dual = Product(weights, budget.SteepestDirection(weights));
        return Offset.sub(Product(Weights, points)).abs_().div(dual.Plus(tiny));
    }

    /// <summary>
    /// The shortest way in the budget's norm from each point in [0, 1] to its plane inside [0, 1]; where the plane lies outside, to the corner nearest to it. Each
    /// pixel moves towards the plane at its own speed, that of the budget's steepest direction, until the plane is reached or the pixel is black or white: all at the same speed for
    /// L-infinity, in proportion to their weights for L2 (the conditions of Karush, Kuhn and Tucker); for other budgets it is a way, not always the shortest.
    /// </summary>
    /// <param name="budget">Gives the norm.</param>
    /// <param name="points">float32, the shape of <see cref="Weights"/>, in [0, 1].</param>
    /// <returns>float32, the same shape: the difference to where the way ends.</returns>
    public Tensor ShortestWay(Budget budget, Tensor points)
    {
        var gap = Offset.sub(Product(Weights, points)).unsqueeze(1);
        var weights = Weights.to(float64).flatten(1);
        var speed = budget.SteepestDirection(Weights.to(float64)).abs().flatten(1);
        var position = points.to(float64).flatten(1);
        var direction = weights.sign().mul(gap.sign());
        var pull = weights.abs();
        var room = where(direction.IsAtMost(0), position, ones_like(position).sub(position));
        var time = TimeToClose(gap.abs(), pull, speed, room);
        return direction.mul(minimum(speed.mul(time), room)).to(float32).view(Weights.shape);
    }

    /// <summary>When the gap is closed, if it shrinks by pull · min(speed · time, room) summed over the pixels: linear between the times at which a pixel's room ends.</summary>
    private static Tensor TimeToClose(Tensor gap, Tensor pull, Tensor speed, Tensor room)
    {
        const double never = 1e30;
        var isStill = speed.IsAtMost(0);
        var ends = where(isStill, ones_like(room).TimesInPlace(never), room.div(where(isStill, ones_like(speed), speed)));
        var (sorted, order) = ends.sort(1);
        var closedAtEnd = pull.mul(room).gather(1, order).cumsum(1);
        var rates = pull.mul(speed).gather(1, order);
        // From the back, where rates are small: a difference of large sums would lose them.
        var rateFrom = rates.flip(1).cumsum(1).flip(1);
        var closedBefore = closedAtEnd.sub(pull.mul(room).gather(1, order));
        var closedByThen = closedBefore.Plus(where(rateFrom.IsAtMost(0), zeros_like(rateFrom), sorted.mul(rateFrom)));
        // Where even the last end does not close the gap, every pixel goes to its wall.
        var isOutside = closedByThen[.., ^1..] < gap;
        var interval = (closedByThen < gap).sum(1, keepdim: true);
        var inside = where(isOutside, zeros_like(interval), interval);
        var rate = rateFrom.gather(1, inside);
        var time = gap.sub(closedBefore.gather(1, inside)).div(where(rate.IsAtMost(0), ones_like(rate), rate));
        return where(isOutside, ones_like(time).TimesInPlace(never), time);
    }

    private static Tensor Product(Tensor first, Tensor second) => first.to(float64).flatten(1).mul(second.to(float64).flatten(1)).sum(1);
}
