
namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Every normalisation there is, by the name it gives itself: xUnit tells cases apart by text.</summary>
internal static class Normalizations
{
    private static readonly Dictionary<string, Normalization> Kinds = new Normalization[]
    {
        Normalization.Batch,
        Normalization.MixtureBatch,
        Normalization.MixtureBatch with { SharesAffine = true },
        Normalization.MixtureBatch with { SharesStatistics = true },
        Normalization.MixtureBatch with { SharesAffine = true, SharesStatistics = true },
        Normalization.Group with { Groups = 4 },
        Normalization.None,
    }.ToDictionary(normalization => $"{normalization}");

    public static TheoryData<string> Names => [.. Kinds.Keys];

    /// <summary>Those that normalise with the statistics of batches.</summary>
    public static TheoryData<string> NamesOfBatchKinds => [.. Kinds.Keys.Where(name => name.Contains("Batch", StringComparison.Ordinal))];

    /// <summary>Those that keep domains apart.</summary>
    public static TheoryData<string> NamesOfMixtures => [.. Kinds.Keys.Where(name => name.StartsWith("Mixture", StringComparison.Ordinal))];

    public static Normalization Of(string name) => Kinds[name];
}
