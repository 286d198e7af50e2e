namespace Microsoft.ML.Adversarial;

/// <summary>
/// The steps in which pixels move at some positions of an image. Files hold at most 256 levels, and what scales all of an image leaves one step for all positions; a
/// normalizer, which learns a scale for each, leaves one for each. Images resized or made in floats have no steps.
/// </summary>
internal sealed class PixelSteps
{
    private const int MostPositions = 256, MostLevels = 255;

    /// <summary>Two values make a scale; that three or more between them lie on 255 levels or fewer by chance happens once in a million.</summary>
    private const int FewestValues = 5;

    private const int FewestPositions = 16;

    /// <summary>In steps: far above float32 rounding, far below what chance would leave.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>In steps of the finest position, which is known less well.</summary>
    private const double MultipleTolerance = 1e-2;

    private readonly int[] positions;
    private readonly SortedSet<float>[] values;

    /// <param name="length">Pixels of an image.</param>
    public PixelSteps(int length)
    {
        var count = Math.Min(length, MostPositions);
        positions = [.. Enumerable.Range(0, count).Select(index => (int)((long)index * length / count))];
        values = [.. positions.Select(_ => new SortedSet<float>())];
    }

    public void Add(PackedImage image)
    {
        for (var index = 0; index < positions.Length; index++)
            values[index].Add(image[positions[index]]);
    }

    /// <returns>The least and the largest step, in shares of the range, where nearly every position has steps and they are not whole multiples of one; else null.</returns>
    public (double Least, double Most)? Differing()
    {
        var telling = values.Where(seen => seen.Count >= FewestValues).ToList();
        var steps = telling.Select(StepOf).OfType<double>().Order().ToList();
        if (telling.Count < FewestPositions || steps.Count < 0.9 * telling.Count)
            return null;
        var multiples = steps.Count(step => IsWhole(step / steps[0], MultipleTolerance));
        return multiples < 0.9 * steps.Count ? (steps[0], steps[^1]) : null;
    }

    /// <summary>The largest step that leads from the least value to all others.</summary>
    private static double? StepOf(SortedSet<float> seen)
    {
        double least = seen.Min, span = seen.Max - least;
        for (var levels = seen.Count - 1; levels <= MostLevels; levels++)
            if (seen.All(value => IsWhole((value - least) / span * levels, Tolerance)))
                return span / levels;
        return null;
    }

    private static bool IsWhole(double number, double tolerance) => Math.Abs(number - Math.Round(number)) <= tolerance;
}
