using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the command line says.</summary>
internal sealed record RoundingSettings
{
    public required string Images { get; init; }

    public string? TestImages { get; init; }

    public int Seeds { get; init; }

    public required string Folder { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Check() => OptionCheck.AtLeast(2, Seeds, "--seeds", "seeds");
}
