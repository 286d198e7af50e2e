namespace Microsoft.ML.Adversarial;

/// <summary>What an evaluation measures, as its state file says it.</summary>
internal sealed record EvaluationSetup
{
    public string Format { get; init; } = "";

    /// <summary>A hash of the network's numbers.</summary>
    public required string Network { get; init; }

    public required IReadOnlyList<string> Attacks { get; init; }

    public required int BatchSize { get; init; }

    /// <summary>Null where any will do.</summary>
    public int? Seed { get; init; }

    /// <returns>What differs, said in words; null where nothing does.</returns>
    public string? DifferenceFrom(EvaluationSetup before) =>
        Network != before.Network ? $"the network is another (its weights' hash is {Network}, there {before.Network})"
        : !Attacks.SequenceEqual(before.Attacks) ? $"the attacks are {string.Join("; ", Attacks)}, there {string.Join("; ", before.Attacks)}"
        : BatchSize != before.BatchSize ? $"the batch size is {BatchSize}, there {before.BatchSize}"
        : Seed is { } seed && seed != before.Seed ? $"the seed is {seed}, there {before.Seed}"
        : null;
}
