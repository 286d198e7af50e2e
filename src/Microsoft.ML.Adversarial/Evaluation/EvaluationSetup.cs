namespace Microsoft.ML.Adversarial;

/// <summary>What an evaluation measures, as its state file says it.</summary>
internal sealed record EvaluationSetup
{
    public string Format { get; init; } = "";

    /// <summary>Null where any will do.</summary>
    public int? Seed { get; init; }

    /// <summary>A hash of the network, of its numbers or its answers, the batch size, and each attack's identity.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Entries { get; init; }

    /// <exception cref="ArgumentException">An attack does not say what it is.</exception>
    public static EvaluationSetup Of(string network, IReadOnlyList<Attack> attacks, int batchSize, int? seed, bool rounds = false, Precision searchPrecision = Precision.Single)
    {
        var identity = new Identity(typeof(EvaluationSetup));
        identity.Add("hash of the network", network);
        identity.Add("batch size", batchSize);
        identity.Add("rounded to grey levels", rounds);
        identity.Add("search precision", searchPrecision);
        identity.Add("attack", attacks);
        return new EvaluationSetup { Seed = seed, Entries = identity.Checked().Entries };
    }

    /// <returns>What differs, said in words; null where nothing does.</returns>
    public string? DifferenceFrom(EvaluationSetup before) => Seed is { } seed && seed != before.Seed
        ? FormattableString.Invariant($"its seed is {before.Seed} there, {seed} here")
        : Identity.Difference(before.Entries, Entries);
}
