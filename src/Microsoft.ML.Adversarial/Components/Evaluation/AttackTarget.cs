using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A model as an evaluation attacks it, and the rows that lead to it.</summary>
internal sealed record AttackTarget : IDisposable
{
    /// <summary>What is attacked; freed with the target.</summary>
    public required IImageClassifier Network { get; init; }

    /// <summary>Whether it can be differentiated.</summary>
    public required bool HasGradients { get; init; }

    /// <summary>Tells this network from others.</summary>
    public required string Fingerprint { get; init; }

    public required Device Device { get; init; }

    /// <summary>Null where the model is known by its scores alone.</summary>
    public ImageDomain? Domain { get; init; }

    /// <summary>The data, prepared up to the pixels and the label.</summary>
    public required IDataView Prepared { get; init; }

    public required ImageColumns Columns { get; init; }

    public required ImageFormat Format { get; init; }

    public required IReadOnlyList<string> ClassNames { get; init; }

    public void Dispose() => (Network as IDisposable)?.Dispose();

    /// <summary>The stages of a chain and of the chains in it, in order.</summary>
    public static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
