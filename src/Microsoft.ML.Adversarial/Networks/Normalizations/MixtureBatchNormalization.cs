using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Batch normalisation that keeps clean and adversarial images apart: each weight update normalises them as two batches, and a model is used in one domain
/// (Xie &amp; Yuille 2020, section 4.1). Convolutions and the classifying layer are common to both.
/// </summary>
public sealed record MixtureBatchNormalization : Normalization
{
    internal MixtureBatchNormalization()
    {
    }

    /// <summary>Whether both domains have one learned scale and shift.</summary>
    /// <value>Default false. Han et al. 2024 (arXiv:2403.19150) find that the separate affine maps matter more than the separate statistics.</value>
    public bool SharesAffine { get; init; }

    /// <summary>Whether both domains move the same running statistics. Each update still normalises its clean and its adversarial images apart.</summary>
    /// <value>Default false.</value>
    public bool SharesStatistics { get; init; }

    internal override bool SeparatesDomains => true;

    /// <inheritdoc/>
    public override string ToString() =>
        nameof(MixtureBatch) + (SharesAffine ? ", shared affine" : "") + (SharesStatistics ? ", shared statistics" : "");

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("shares affine", SharesAffine);
        identity.Add("shares statistics", SharesStatistics);
    }

    internal override NormalizationLayer CreateLayer(int channels, Device device) =>
        CreateBatchLayer(channels, device, BatchNormalizationLayer.UsualEpsilon);

    internal override NormalizationLayer CreateBatchLayer(int channels, Device device, double epsilon) =>
        new BatchNormalizationLayer(channels, device, SharesAffine, SharesStatistics, epsilon);
}
