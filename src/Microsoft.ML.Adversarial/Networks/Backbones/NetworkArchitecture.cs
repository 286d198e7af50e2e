
namespace Microsoft.ML.Adversarial;

/// <summary>Everything that decides a network's layers and their shapes; its weights are apart.</summary>
internal sealed record NetworkArchitecture : Described
{
    public required ImageShape Image { get; init; }

    public required int ClassCount { get; init; }

    public required Backbone Backbone { get; init; }

    public Normalization Normalization { get; init; } = Normalization.Batch;

    public PixelNormalization Pixels { get; init; } = PixelNormalization.SymmetricRange;

    public override string ToString() => $"{Backbone} ({Normalization}, {Image}, {ClassCount} classes)";

    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("backbone", Backbone);
        identity.Add("normalization", Normalization);
        identity.Add("pixels", Pixels);
        identity.Add("channels", Image.Channels);
        identity.Add("height", Image.Height);
        identity.Add("width", Image.Width);
        identity.Add("classes", ClassCount);
    }
}
