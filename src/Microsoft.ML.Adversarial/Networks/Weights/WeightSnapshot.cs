using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A copy of a network's parameters and statistics at one moment, in memory.</summary>
internal sealed class WeightSnapshot(ImageNetwork network) : IDisposable
{
    private readonly Dictionary<string, Tensor> live = network.state_dict();

    /// <summary>The copies under the network's names.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; } = network.state_dict().ToDictionary(entry => entry.Key, entry => FrozenTensor.Plain(entry.Value));

    /// <summary>Under the network's names.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Named => [.. Tensors.Select(entry => (entry.Key, entry.Value))];

    /// <summary>Takes the network's present state.</summary>
    public void Take() => Transfer.All(live, Tensors);

    /// <summary>Puts the network back to the state that was taken last.</summary>
    public void Restore() => Transfer.All(Tensors, live);

    public void Dispose()
    {
        foreach (var copy in Tensors.Values)
            copy.Dispose();
    }
}
