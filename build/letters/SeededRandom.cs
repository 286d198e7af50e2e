namespace Letters;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", figure 13).
/// Written out because the sequence of <see cref="Random"/> is no promise across runtime versions, and the archive must
/// come out the same, byte for byte, in ten years.
/// </summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number in [minimum, maximum).</summary>
    public double Between(double minimum, double maximum)
        => minimum + (maximum - minimum) * ((NextBits() >> 11) * (1.0 / (1UL << 53)));

    /// <summary>An integer in [0, count); the bias of the remainder is below count / 2^64.</summary>
    public int Below(int count) => (int)(NextBits() % (ulong)count);

    /// <summary>True in half of all calls.</summary>
    public bool Coin() => NextBits() >> 63 == 1;

    /// <summary>A shuffled copy (Fisher-Yates).</summary>
    public List<T> Shuffle<T>(IEnumerable<T> items)
    {
        var shuffled = items.ToList();
        for (var last = shuffled.Count - 1; last > 0; last--)
        {
            var chosen = Below(last + 1);
            (shuffled[last], shuffled[chosen]) = (shuffled[chosen], shuffled[last]);
        }

        return shuffled;
    }

    private ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
