using System.Security.Cryptography;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A network from an ONNX file, with its weights, to be trained further: from <see cref="AdversarialCatalog.LoadBackbone(string)"/>. Its convolutions, products and normalisations learn; its batch
/// normalisations become those of <see cref="TrainingOptions.Normalization"/>, <see cref="Normalization.Batch"/> or <see cref="Normalization.MixtureBatch"/>, with the file's statistics in
/// every domain. Where it tells other classes apart than the labels, its last layer starts anew; where it gives features, a pooling and a classifying layer come behind them.
/// </summary>
/// <remarks>
/// Exporters usually fold batch normalisation into convolutions. Of such a file <see cref="Normalization.MixtureBatch"/> puts a normalisation of each domain behind every convolution, which
/// starts as the identity. The weights of the file stay in memory as long as this object.
/// </remarks>
public sealed record OnnxBackbone : Backbone
{
    private readonly ForeignNetwork network;
    private readonly NetworkFileOptions options;
    private readonly string hash;

    private OnnxBackbone(ForeignNetwork network, NetworkFileOptions options, string name, string hash) =>
        (this.network, this.options, Name, this.hash) = (network, options, name, hash);

    /// <summary>The file's name.</summary>
    public override string Name { get; }

    /// <summary>The size of the images that it takes.</summary>
    public ImageShape ImageShape => network.Input.Image;

    internal override PixelNormalization? OwnPixels => network.Pixels;

    internal override bool IsTrained => true;

    /// <inheritdoc/>
    protected internal override void LayOut(NetworkLayout layout)
    {
        var graph = network.Graph;
        var head = graph.Head;
        var isOfClasses = graph.OutputShape is [var scores] && scores == layout.ClassCount;
        // Of a value that is named the features are meant, whatever comes behind it.
        var isReplaced = !isOfClasses && graph.OutputShape.Length == 1 && options.OutputName is null;
        if (isReplaced)
            graph = graph.Until(head?.Place ?? throw NoHead(layout));
        var features = graph.OutputShape;
        if (!isOfClasses && features.Length is not (1 or 3))
            throw NoHead(layout);
        layout.Imported(graph, network.IsBlueFirst, (isOfClasses || isReplaced ? head?.Name : null) ?? "classifier");
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("content", hash);
        identity.Add("file options", options);
    }

    /// <summary>Whether both are of the same content, read in the same way.</summary>
    public bool Equals(OnnxBackbone? other) => other is not null && hash == other.hash && options.Identity.Hash == other.options.Identity.Hash;

    /// <inheritdoc/>
    public override int GetHashCode() => hash.GetHashCode(StringComparison.Ordinal);

    /// <exception cref="InvalidDataException">The file is not understood.</exception>
    internal static OnnxBackbone Read(string path, NetworkFileOptions options, Action<string> warn)
    {
        using var stream = File.OpenRead(path);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (options.PreparationPath is { } preparation && File.Exists(preparation))
            hash += Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(preparation)));
        stream.Position = 0;
        var network = ForeignNetwork.Read(stream, path, options, isClassifier: false);
        foreach (var warning in network.Warnings)
            warn(warning);
        return new OnnxBackbone(network, options, Path.GetFileName(path), hash);
    }

    private ArgumentException NoHead(NetworkLayout layout) =>
        new($"{Name} gives [{string.Join(", ", network.Graph.OutputShape)}] for each image, and there are {layout.ClassCount} classes; expected scores of these classes, or features, [features] or [channels, height, width]. State OutputName in the options for a value that holds them.");
}
