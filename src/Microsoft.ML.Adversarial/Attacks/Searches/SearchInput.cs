using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a search begins with: some clean images, what is known of them, and streams of their own.</summary>
public sealed class SearchInput
{
    private readonly Tensor? knownLogits;

    internal SearchInput(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random, SearchStart start = default, Tensor? knownLogits = null)
    {
        (Network, Images, Labels, Random, Start) = (network, images, labels, random, start);
        this.knownLogits = knownLogits;
    }

    /// <summary>The network. A search need not ask it: its candidates are looked at for it.</summary>
    public IImageClassifier Network { get; }

    /// <summary>float32 [batch, channels, height, width] in [0, 1], clean; not to be changed.</summary>
    public Tensor Images { get; }

    /// <summary>int64 [batch], the true classes; not to be changed.</summary>
    public Tensor Labels { get; }

    /// <summary>Streams of this start for each image.</summary>
    public ImageRandom Random { get; }

    /// <summary>Which start this is.</summary>
    public SearchStart Start { get; }

    /// <summary>float32 [batch, classes]: what the network says of the clean images; where that is not known, each look costs a forward pass (<see cref="Search.CleanLogits"/> keeps it).</summary>
    public Tensor CleanLogits => knownLogits ?? Network.Logits(Images).detach();
}
