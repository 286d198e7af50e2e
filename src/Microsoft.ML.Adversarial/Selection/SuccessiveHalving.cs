namespace Microsoft.ML.Adversarial;

/// <summary>
/// Who trains how long: all candidates train for a share of the epochs, the better half of them for twice as many, and so on, the last for all (Jamieson &amp; Talwalkar 2016,
/// with runs that go on instead of starting anew).
/// </summary>
internal static class SuccessiveHalving
{
    /// <summary>The epoch up to which each round trains, rising; the last is the whole of <paramref name="epochs"/>.</summary>
    public static IReadOnlyList<int> Rounds(int candidates, int epochs, int halvings)
    {
        // A halving of one candidate, or a round without an epoch of its own, would do nothing.
        var most = Math.Min(halvings, (int)Math.Ceiling(Math.Log2(Math.Max(1, candidates))));
        return [.. Enumerable.Range(0, most + 1).Select(round => (int)Math.Ceiling(epochs / Math.Pow(2, most - round))).Distinct()];
    }

    /// <summary>The better half, rounded up, in the order they came; equal scores favour the earlier.</summary>
    public static IReadOnlyList<T> Survivors<T>(IReadOnlyList<T> candidates, Func<T, double> score)
        where T : notnull
    {
        var better = candidates.OrderByDescending(score).Take((candidates.Count + 1) / 2).ToHashSet();
        return [.. candidates.Where(better.Contains)];
    }
}
