using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A trained network seen in one domain with its running statistics: normalisation folded into the convolutions, no parameter gradients,
/// channels-last tensors. Attacks differentiate through it, evaluation runs it, the ONNX writer writes it; none of them can change the network it came from.
/// </summary>
internal sealed class FrozenNetwork(IReadOnlyList<FrozenLayer> layers, ImageShape image, int classCount, bool ownsTensors = true) : IImageClassifier, IDisposable
{
    public IReadOnlyList<FrozenLayer> Layers { get; } = layers;

    public ImageShape Image { get; } = image;

    public int ClassCount { get; } = classCount;

    /// <summary>What the file says that it was read from; null of one that was read from none.</summary>
    public NetworkFacts? Facts { get; init; }

    /// <summary>Of all its numbers.</summary>
    public string Fingerprint => ContentHash.Of(Layers.SelectMany(layer => layer.Tensors));

    public Tensor Logits(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Layers.Forward(Activations.Given(FrozenTensor.ChannelsLast(images))).In(float32).Values.MoveToOuterDisposeScope();
    }

    /// <summary>The same network with tensors of its own, computing in this precision from its first convolution to its pooling; images and logits stay float32.</summary>
    public FrozenNetwork In(Precision precision) => new([.. Layers.Select(layer => layer.In(precision.Type()))], Image, ClassCount);

    /// <summary>The same network for a while: disposing of the loan frees nothing, and it ends with this one.</summary>
    public FrozenNetwork Lend() => new(Layers, Image, ClassCount, ownsTensors: false);

    public void Dispose()
    {
        if (!ownsTensors)
            return;
        foreach (var tensor in Layers.SelectMany(layer => layer.Tensors))
            tensor.Dispose();
    }
}
