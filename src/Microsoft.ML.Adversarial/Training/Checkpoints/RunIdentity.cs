namespace Microsoft.ML.Adversarial;

/// <summary>Everything that decides a run, by names and values: a checkpoint goes on only in a run that agrees, and is refused by the first name that does not.</summary>
internal static class RunIdentity
{
    /// <summary>Under which a manifest keeps the seed.</summary>
    public const string SeedName = "seed";

    /// <param name="options">How the run trains.</param>
    /// <param name="architecture">What it trains.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="data">What it trains on.</param>
    /// <param name="validationData">What validation measures on; null without validation.</param>
    public static Identity Of(TrainingOptions options, NetworkArchitecture architecture, Seed seed, string data, string? validationData)
    {
        var identity = new Identity(typeof(TrainingRun));
        // First what other differences follow from: of another seed, the images set apart are others, too.
        identity.Add(SeedName, (long)seed.Value);
        identity.Add("network", architecture);
        identity.Add("data", data);
        identity.Add("validation data", validationData);
        identity.Add("initial weights file", options.InitialWeights is { } path ? InitialWeightsFile.Fingerprint(path) : null);
        options.DescribeTo(identity);
        return identity;
    }
}
