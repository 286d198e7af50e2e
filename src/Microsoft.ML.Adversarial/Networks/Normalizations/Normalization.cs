using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How activations are normalised after each convolution.</summary>
/// <remarks>
/// Which statistics batch normalisation uses, and which images move its running ones (by a tenth with each batch):
/// <list type="table">
/// <listheader><term>Phase</term><description>Normalises with; running statistics</description></listheader>
/// <item><term>The attack on a training batch</term><description>The adversarial domain's running statistics; none move. With <c>CraftingStatistics.Batch</c>, those of the images as they are being perturbed; none move.</description></item>
/// <item><term>The weight update</term><description>The statistics of the images it sees; those of these images' domain move. <see cref="Batch"/> sees clean and adversarial images as one batch, <see cref="MixtureBatch"/> as two.</description></item>
/// <item><term>The weight update in the last <c>ConsistentEpochs</c></term><description>The running statistics of the images' domain; none move.</description></item>
/// <item><term>Test: evaluation, attacks on the fitted model, scoring</term><description>The running statistics of the inference domain; none move.</description></item>
/// </list>
/// </remarks>
public abstract record Normalization : Described
{
    private protected Normalization()
    {
    }

    /// <summary>
    /// Batch normalisation with one set of statistics and one affine map for all images (Ioffe &amp; Szegedy 2015): momentum 0.1, epsilon 1e-5.
    /// </summary>
    public static Normalization Batch { get; } = new BatchNormalization();

    /// <summary>Mixture batch normalisation: clean and adversarial images each have statistics and an affine map of their own (Xie &amp; Yuille 2020, section 4.1).</summary>
    public static MixtureBatchNormalization MixtureBatch { get; } = new();

    /// <summary>Group normalisation, the same for every image whatever its batch (Wu &amp; He 2018).</summary>
    public static GroupNormalization Group { get; } = new();

    /// <summary>
    /// A learned scale and shift of each channel and nothing else. The last scale of each residual block starts at zero, so that a network of any depth starts as
    /// the identity between its stages: SkipInit (De &amp; Smith 2020, section 4) with a scale for each channel. It wants a lower learning rate than batch normalisation.
    /// </summary>
    public static Normalization None { get; } = new NoNormalization();

    /// <summary>Whether the clean and the adversarial images of one update must pass apart.</summary>
    internal virtual bool SeparatesDomains => false;

    internal abstract NormalizationLayer CreateLayer(int channels, Device device);

    /// <summary>In the place of a batch normalisation that an imported network has.</summary>
    /// <exception cref="ArgumentException">This keeps no statistics to start from.</exception>
    internal virtual NormalizationLayer CreateBatchLayer(int channels, Device device, double epsilon) =>
        throw new ArgumentException($"Normalization is {this}, and the imported network was trained with batch normalisation; expected {nameof(Batch)} or {nameof(MixtureBatch)}.");

    /// <exception cref="ArgumentException">So many channels cannot be normalised.</exception>
    internal virtual void CheckFits(int channels)
    {
    }

    private sealed record BatchNormalization : Normalization
    {
        public override string ToString() => nameof(Batch);

        internal override NormalizationLayer CreateLayer(int channels, Device device) =>
            CreateBatchLayer(channels, device, BatchNormalizationLayer.UsualEpsilon);

        internal override NormalizationLayer CreateBatchLayer(int channels, Device device, double epsilon) =>
            new BatchNormalizationLayer(channels, device, sharesAffine: true, sharesStatistics: true, epsilon);
    }

    private sealed record NoNormalization : Normalization
    {
        public override string ToString() => nameof(None);

        internal override NormalizationLayer CreateLayer(int channels, Device device) => new AffineLayer(channels, device);
    }
}
