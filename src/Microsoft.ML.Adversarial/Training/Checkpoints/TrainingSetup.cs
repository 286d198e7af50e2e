using System.Globalization;

namespace Microsoft.ML.Adversarial;

/// <summary>Everything that decides a run, by name and in words, so that a checkpoint can be refused by name.</summary>
internal static class TrainingSetup
{
    public static IReadOnlyDictionary<string, string> Of(TrainingOptions options, NetworkArchitecture architecture, Seed seed, string data)
    {
        var setup = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["network"] = architecture.ToString(),
            ["backbone"] = architecture.Backbone.Identity.ToString(),
            ["data"] = data,
            ["seed"] = Text(seed.Value),
            ["objective"] = options.Objective.ToString(),
            ["selection"] = options.Selection?.ToString() ?? "none",
            ["crafting statistics"] = options.CraftingStatistics.ToString(),
            ["number of epochs"] = Text(options.Epochs),
            ["number of consistent epochs"] = Text(options.ConsistentEpochs),
            ["batch size"] = Text(options.BatchSize),
            ["learning rate"] = Text(options.LearningRate),
            ["schedule"] = options.Schedule.ToString(),
            ["momentum"] = Text(options.Momentum),
            ["weight decay"] = Text(options.WeightDecay),
        };
        // Later than the first checkpoints: what is off or the default is not named, so that theirs still agree.
        if (options.Averaging is { } averaging)
            setup["averaging"] = averaging.ToString();
        if (architecture.Pixels != PixelNormalization.SymmetricRange)
            setup["pixel normalization"] = architecture.Pixels.ToString();
        if (options.InitialWeights is { } path)
            setup["initial weights file"] = InitialWeightsFile.Fingerprint(path);
        return setup;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
