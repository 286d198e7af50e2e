using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a method keeps from batch to batch.</summary>
internal sealed class MethodMemory(Device device) : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Name, Tensor Tensor)> Named => [.. tensors.Select(entry => (entry.Key, entry.Value))];

    /// <exception cref="ArgumentException">There is one of this name and another shape.</exception>
    public Tensor Of(string name, long[] shape)
    {
        if (!tensors.TryGetValue(name, out var tensor))
            tensors[name] = tensor = zeros(shape, float32, device).DetachFromDisposeScope();
        if (!tensor.shape.SequenceEqual(shape))
            throw new ArgumentException($"The memory '{name}' has the shape [{string.Join(", ", tensor.shape)}]; expected it to stay so, not [{string.Join(", ", shape)}].", nameof(shape));
        return tensor;
    }

    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
        tensors.Clear();
    }
}
