namespace Microsoft.ML.Adversarial;

/// <summary>Which of an attack's searches begins: of which member, at which aim, at which restart.</summary>
public readonly record struct SearchStart
{
    /// <summary>Which of <see cref="Attack.Members"/>, from 0.</summary>
    public int Member { get; init; }

    /// <summary>Which target of a goal with several, from 0.</summary>
    public int Aim { get; init; }

    /// <summary>Which restart, from 0.</summary>
    public int Restart { get; init; }

    /// <summary>Which start of its member, from 0: every number draws from streams of its own.</summary>
    public int Number { get; init; }

    /// <summary>So many restarts at each of so many aims.</summary>
    /// <param name="aims">At least 1.</param>
    /// <param name="restarts">At least 1.</param>
    /// <returns>The starts in their order.</returns>
    public static IEnumerable<SearchStart> Of(int aims, int restarts) =>
        from aim in Enumerable.Range(0, aims)
        from restart in Enumerable.Range(0, restarts)
        select new SearchStart { Aim = aim, Restart = restart, Number = aim * restarts + restart };
}
