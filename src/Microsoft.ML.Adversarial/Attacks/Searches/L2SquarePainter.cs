using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Squares that gather the perturbation in their middle, on the sphere of the whole radius: each takes its length from another square and from what the
/// radius leaves (Andriushchenko et al. 2020, algorithm 3 and equation 2).
/// </summary>
internal sealed class L2SquarePainter(Budget budget) : SquarePainter(budget)
{
    private const double Tiny = 1e-12;

    /// <summary>A square has an upper and a lower half, and both a middle.</summary>
    private const int LeastSide = 3;

    /// <summary>Squares beside each other at the start, along each side.</summary>
    private const int Tiles = 5;

    private readonly Dictionary<int, float[]> patterns = [];

    /// <summary>5 x 5 squares beside each other, each channel of each with a sign of its own.</summary>
    public override Tensor Start(Tensor clean, ImageRandom random)
    {
        var (height, width) = (clean.shape[2], clean.shape[3]);
        var side = (int)Math.Max(1, Math.Min(height, width) / Tiles);
        var (rows, columns) = (Math.Min(Tiles, height / side), Math.Min(Tiles, width / side));
        var (top, left) = ((height - rows * side) / 2, (width - columns * side) / 2);
        var perturbation = zeros_like(clean);
        for (var tile = 0; tile < rows * columns; tile++)
        {
            using var scope = NewDisposeScope();
            var (y, x) = (top + tile / columns * side, left + tile % columns * side);
            var square = Pattern(side, clean.device).view(1, 1, side, side).mul(Signs(random, $"tile {tile}", clean[.., .., ..1, ..1]));
            perturbation[.., .., (int)y..(int)(y + side), (int)x..(int)(x + side)] = square;
        }
        return OnSphere(clean, perturbation);
    }

    public override Tensor Paint(Tensor clean, Tensor best, ImageRandom random, double share)
    {
        var side = SquareSchedule.OddSide(share, clean.shape[2], clean.shape[3], LeastSide);
        var given = Place(clean, random, "square", side);
        var taken = Place(clean, random, "other square", side).IsAtMost(-1).logical_not();
        var isGiven = given.IsAtMost(-1).logical_not();
        var perturbation = best.sub(clean);

        var squared = perturbation.mul(perturbation);
        var unused = squared.sum([1, 2, 3], keepdim: true).neg().AddInPlace(Budget.Radius * Budget.Radius).ClampInPlace(0, float.MaxValue);
        var available = Sum(squared.mul(isGiven.logical_or(taken).to(float32))).Plus(unused.Times(1.0 / clean.shape[1])).sqrt();

        var inSquare = perturbation.mul(isGiven.to(float32));
        var old = inSquare.div(Sum(inSquare.mul(inSquare)).sqrt_().AddInPlace(Tiny));
        var wanted = Spread(clean, given, random, side).mul(Signs(random, "colors", clean[.., .., ..1, ..1])).Plus(old);
        var drawn = wanted.div(Sum(wanted.mul(wanted)).sqrt_().AddInPlace(Tiny)).mul(available);
        var others = perturbation.mul(isGiven.logical_or(taken).logical_not().to(float32));
        return OnSphere(clean, others.Plus(drawn));
    }

    /// <summary>float32 [side x side], of length 1, flattened: a rectangle on which it is positive over one on which it is negative (equation 2).</summary>
    internal float[] PatternOf(int side)
    {
        if (patterns.TryGetValue(side, out var known))
            return known;
        var upper = side / 2;
        float[] pattern = [.. Rectangle(upper, side), .. Rectangle(side - upper, side).Select(value => -value)];
        var length = Math.Sqrt(pattern.Sum(value => (double)value * value));
        return patterns[side] = [.. pattern.Select(value => (float)(value / length))];
    }

    /// <summary>Highest in the middle: the sum of 1/(k + 1)² over the squares of radius k around it that reach a pixel; of length 1.</summary>
    private static float[] Rectangle(int height, int width)
    {
        var reach = Math.Max(height, width) / 2;
        var values = new double[height * width];
        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
                for (var k = Math.Max(Math.Abs(row - height / 2), Math.Abs(column - width / 2)); k <= reach; k++)
                    values[row * width + column] += 1.0 / ((k + 1) * (k + 1));
        var length = Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => (float)(value / length))];
    }

    private Tensor Pattern(int side, Device device) => tensor(PatternOf(side), device: device);

    /// <summary>The pattern at each image's square, upright or lying, zero elsewhere; float32 [batch, 1, height, width].</summary>
    private Tensor Spread(Tensor images, Tensor places, ImageRandom random, int side)
    {
        var upright = Pattern(side, images.device);
        var lying = upright.view(side, side).t().contiguous().view(-1);
        var inside = places.clamp(zeros_like(places), ones_like(places).AddInPlace((long)side * side - 1)).flatten();
        var isUpright = random.Uniform("turn", images[.., ..1, ..1, ..1]).IsAtMost(0.5);
        var pattern = where(isUpright, upright.index_select(0, inside).view(places.shape), lying.index_select(0, inside).view(places.shape));
        return pattern.mul(places.IsAtMost(-1).logical_not().to(float32));
    }

    private static Tensor Place(Tensor images, ImageRandom random, string stream, int side)
    {
        var (top, left) = Corner(random, stream, images, side);
        return PlaceInSquare(images, top, left, side);
    }

    /// <summary>Of each channel; [batch, channels, 1, 1].</summary>
    private static Tensor Sum(Tensor values) => values.sum([2, 3], keepdim: true);

    private Tensor OnSphere(Tensor clean, Tensor perturbation) =>
        Budget.Project(clean.PlusScaled(Budget.SteepestDirection(perturbation), Budget.Radius), clean);
}
