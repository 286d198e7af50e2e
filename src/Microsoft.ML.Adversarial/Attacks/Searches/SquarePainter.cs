using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What Square proposes, in one geometry.</summary>
internal abstract class SquarePainter(Budget budget)
{
    protected Budget Budget { get; } = budget;

    /// <summary>The first candidate of each image.</summary>
    /// <param name="clean">float32 [batch, channels, height, width].</param>
    /// <param name="random">Of this query.</param>
    public abstract Tensor Start(Tensor clean, ImageRandom random);

    /// <summary>The next candidate of each image: its best one so far with a square changed.</summary>
    /// <param name="clean">float32 [batch, channels, height, width].</param>
    /// <param name="best">The best candidates so far.</param>
    /// <param name="random">Of this query.</param>
    /// <param name="share">The share of the image that the square covers.</param>
    public abstract Tensor Paint(Tensor clean, Tensor best, ImageRandom random, double share);

    /// <summary>-1 or 1 with equal chances, of any shape [batch, ...].</summary>
    protected static Tensor Signs(ImageRandom random, string stream, Tensor like) =>
        random.Uniform(stream, like).IsAtMost(0.5).to(float32).TimesInPlace(-2).AddInPlace(1);

    /// <summary>An upper left corner for each image, so that a square of this side lies inside; both int64 [batch, 1, 1, 1].</summary>
    protected static (Tensor Top, Tensor Left) Corner(ImageRandom random, string stream, Tensor images, int side)
    {
        var draws = random.Uniform(stream, images[.., 0, 0, ..1].repeat(1, 2));
        return (Place(draws[.., 0], images.shape[2]), Place(draws[.., 1], images.shape[3]));

        Tensor Place(Tensor uniform, long size) => uniform.Times(size - side + 1).floor().to(int64).view(-1, 1, 1, 1);
    }

    /// <summary>The place of every pixel in its image's square, int64 [batch, 1, height, width]: row times side plus column; -1 outside.</summary>
    protected static Tensor PlaceInSquare(Tensor images, Tensor top, Tensor left, int side)
    {
        var rows = TensorArithmetic.Positions(images.shape[2], images.device).view(1, 1, -1, 1).sub(top);
        var columns = TensorArithmetic.Positions(images.shape[3], images.device).view(1, 1, 1, -1).sub(left);
        var isInside = IsInside(rows).logical_and(IsInside(columns));
        var places = rows.mul(ones_like(rows).AddInPlace(side - 1L)).Plus(columns);
        return where(isInside, places, ones_like(places).neg());

        Tensor IsInside(Tensor distance) => distance.IsAtMost(-1).logical_not().logical_and(distance.IsAtMost(side - 1));
    }
}
