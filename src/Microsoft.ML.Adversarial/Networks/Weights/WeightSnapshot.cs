using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A copy of a network's parameters and statistics at one moment, in memory.</summary>
internal sealed class WeightSnapshot(ResidualNetwork network) : IDisposable
{
    private readonly (Tensor Live, Tensor Copy)[] tensors =
        [.. network.state_dict().Values.Select(tensor => (tensor, FrozenTensor.Plain(tensor)))];

    /// <summary>Under the network's names.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Named => [.. network.state_dict().Keys.Zip(tensors, (name, pair) => (name, pair.Copy))];

    /// <summary>Takes the network's present state.</summary>
    public void Take() => Copy(pair => (pair.Live, pair.Copy));

    /// <summary>Puts the network back to the state that was taken last.</summary>
    public void Restore() => Copy(pair => (pair.Copy, pair.Live));

    public void Dispose()
    {
        foreach (var (_, copy) in tensors)
            copy.Dispose();
    }

    private void Copy(Func<(Tensor Live, Tensor Copy), (Tensor From, Tensor To)> direction)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (from, to) in tensors.Select(direction))
            to.copy_(from);
    }
}
