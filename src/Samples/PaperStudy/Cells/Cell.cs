using Microsoft.ML.Adversarial;


namespace Samples.PaperStudy.Cells;

/// <summary>One configuration of the study, trained and evaluated once for each seed.</summary>
public sealed record Cell
{
    public required string Name { get; init; }

    public required int Depth { get; init; }

    public Normalization Normalization { get; init; } = Normalization.Batch;

    /// <summary>Whether it trains on clean images alone, without an attack.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Clean images for each attacked one, from 0 to 1.</summary>
    public double CleanRatio { get; init; }

    public double LogitPairingWeight { get; init; }

    public int ConsistentEpochs { get; init; }

    /// <summary>Whose normalisation the images go through when they are measured: one domain stands for both unless the normalisation keeps them apart.</summary>
    public IReadOnlyList<ImageDomain> Domains => IsPlain ? [ImageDomain.Clean]
        : Normalization is MixtureBatchNormalization ? [ImageDomain.Adversarial, ImageDomain.Clean]
        : [ImageDomain.Adversarial];
}
