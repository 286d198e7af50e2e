namespace Microsoft.ML.Adversarial;

/// <summary>How large Square's squares are (Andriushchenko et al. 2020, section 3.2 and its experiments).</summary>
internal static class SquareSchedule
{
    /// <summary>The last queries before the share halves. The paper stretches them with the number of queries; AutoAttack does not.</summary>
    private static readonly int[] Halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

    /// <summary>The share of the image to cover at a query, counted from 0.</summary>
    public static double Share(double first, int query) => first / (1 << Halvings.Count(last => query > last));

    /// <summary>The side of a square that covers this share of an image; at least the least, and inside the image.</summary>
    public static int Side(double share, long height, long width, int least) =>
        (int)Math.Min(Math.Max(Math.Round(Math.Sqrt(share * height * width)), least), Math.Min(height, width));

    /// <summary>The same for squares with a middle: an even side becomes the next odd one, or where that does not fit inside the image the one before.</summary>
    public static int OddSide(double share, long height, long width, int least)
    {
        var side = Side(share, height, width, least);
        var odd = side + 1 - side % 2;
        return odd <= Math.Min(height, width) ? odd : odd - 2;
    }
}
