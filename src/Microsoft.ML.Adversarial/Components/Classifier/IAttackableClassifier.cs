using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A stage of a pipeline whose network an evaluation can attack.</summary>
internal interface IAttackableClassifier
{
    ImageColumns Columns { get; }

    /// <summary>How the features column holds images.</summary>
    PixelVectorFormat Format { get; }

    IReadOnlyList<string> ClassNames { get; }

    /// <summary>The domain it classifies in.</summary>
    ImageDomain Domain { get; }

    /// <summary>Where the network is.</summary>
    Device Device { get; }

    /// <summary>What this stage itself does to rows before its network sees the images.</summary>
    IDataView Prepare(IDataView data);

    /// <exception cref="InvalidOperationException">The classifier cannot classify in this domain.</exception>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    void Check(ImageDomain domain);

    /// <summary>The network in a domain, for an evaluation; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">The classifier cannot classify in this domain.</exception>
    FrozenNetwork Freeze(ImageDomain domain);
}
