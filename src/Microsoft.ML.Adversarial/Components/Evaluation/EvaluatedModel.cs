using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A model as an evaluation attacks it, and the rows that lead to it.</summary>
internal sealed record EvaluatedModel : IDisposable
{
    /// <summary>What is attacked.</summary>
    public required IImageClassifier Network { get; init; }

    /// <summary>What searches ask in its place, in a lower precision; null for the network itself.</summary>
    public FrozenNetwork? Searched { get; init; }

    public Precision SearchPrecision => Searched is null ? Precision.Single : Precision.BFloat16;

    /// <summary>What is freed with this; null where all of it is the caller's.</summary>
    public IDisposable? Owned { get; init; }

    /// <summary>Whether it can be differentiated.</summary>
    public required bool HasGradients { get; init; }

    /// <summary>Tells this network from others.</summary>
    public required string Fingerprint { get; init; }

    public required Device Device { get; init; }

    /// <summary>Null where the model does not tell domains apart, or is known by its scores alone.</summary>
    public ImageDomain? Domain { get; init; }

    /// <summary>The data, prepared up to the pixels and the label.</summary>
    public required IDataView Prepared { get; init; }

    public required ImageColumns Columns { get; init; }

    public required ImageFormat Format { get; init; }

    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Its labelled images, once the first of them have shown to be on the stated scale.</summary>
    /// <exception cref="InvalidDataException">They are not, or a row is not what it should be.</exception>
    public ImageReader OpenImages(CancellationToken cancellation)
    {
        var reader = new ImageReader(Prepared, Columns.Features, Columns.Label, Format) { Cancellation = cancellation };
        PixelScale.Check(reader);
        return reader;
    }

    public void Dispose()
    {
        Owned?.Dispose();
        Searched?.Dispose();
    }

    /// <summary>The stages of a chain and of the chains in it, in order.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
