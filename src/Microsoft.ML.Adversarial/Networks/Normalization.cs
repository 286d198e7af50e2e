using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Networks;

/// <summary>How activations are normalised after each convolution.</summary>
public abstract record Normalization
{
    private protected Normalization()
    {
    }

    /// <summary>
    /// Batch normalisation with one set of statistics and one affine map for all images (Ioffe &amp; Szegedy 2015): momentum 0.1, epsilon 1e-5.
    /// </summary>
    public static Normalization Batch { get; } = new BatchNormalization();

    internal abstract NormalizationLayer CreateLayer(int channels, Device device);

    private sealed record BatchNormalization : Normalization
    {
        public override string ToString() => nameof(Batch);

        internal override NormalizationLayer CreateLayer(int channels, Device device) => new BatchNormalizationLayer(channels, device);
    }
}
