using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Each image is normalised by itself, over groups of its channels (Wu &amp; He 2018, equation 7; epsilon 1e-5): both domains and all phases are treated alike.</summary>
public sealed record GroupNormalization : Normalization
{
    internal GroupNormalization()
    {
    }

    /// <summary>Groups of channels, each with a mean and a variance of its own.</summary>
    /// <value>Default 8, which fits the narrow networks for small images; from 1 to 1024. Must divide the network's Width. Wu &amp; He 2018 use 32 in networks of width 64.</value>
    public int Groups { get; init => field = Require.InRange(value, 1, 1024); } = 8;

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(Group)}, {Groups} groups";

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("groups", Groups);
    }

    internal override NormalizationLayer CreateLayer(int channels, Device device) => new GroupNormalizationLayer(channels, Groups, device);

    internal override void CheckFits(int channels)
    {
        if (channels % Groups != 0)
            throw new ArgumentException($"Normalization has {Groups} groups, which do not divide the {channels} channels of a layer; expected a divisor of Width.");
    }
}
