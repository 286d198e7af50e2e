using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the command line says.</summary>
internal sealed record BenchmarkSettings
{
    public string Filter { get; init; } = "";

    public int? Rounds { get; init; }

    public string? Markdown { get; init; }

    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public string Folder { get; init; } = "";

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Check() => OptionCheck.AtLeast(1, Rounds, "--rounds", "round");
}
