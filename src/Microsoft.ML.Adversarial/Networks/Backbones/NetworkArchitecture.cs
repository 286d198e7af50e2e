
namespace Microsoft.ML.Adversarial;

/// <summary>Everything that decides a network's layers and their shapes; its weights are apart.</summary>
internal sealed record NetworkArchitecture
{
    public required ImageShape Image { get; init; }

    public required int ClassCount { get; init; }

    public required int Depth { get; init; }

    public NetworkFamily Family { get; init; } = NetworkFamily.Automatic;

    /// <summary>Channels of the first stage; null for the family's own: 16 for three stages, 64 for four.</summary>
    public int? Width { get; init; }

    public Normalization Normalization { get; init; } = Normalization.Batch;

    public PixelNormalization Pixels { get; init; } = PixelNormalization.SymmetricRange;

    public override string ToString() => $"ResNet-{Depth} ({Normalization}, {Image}, {ClassCount} classes)";
}
