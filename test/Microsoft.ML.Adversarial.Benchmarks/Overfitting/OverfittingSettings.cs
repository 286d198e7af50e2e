using Tooling.CommandLine;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the command line says.</summary>
internal sealed record OverfittingSettings
{
    public required string Images { get; init; }

    /// <summary>Radius in grey levels.</summary>
    public double Epsilon { get; init; }

    public int Epochs { get; init; }

    public int Seeds { get; init; }

    public required string Folder { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, Seeds, "--seeds", "seeds");
        OptionCheck.AtLeast(2, Epochs, "--epochs", "epochs");
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
    }
}
