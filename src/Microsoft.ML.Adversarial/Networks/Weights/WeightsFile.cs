using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A file of tensors by name, whatever its format.</summary>
internal abstract class WeightsFile : IDisposable
{
    /// <summary>Of its tensors, by name.</summary>
    public abstract IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Whether a tensor is there to be a network's, so that a network without a place for it is another one.</summary>
    public virtual bool IsWeight(string name) => true;

    /// <summary>All of them, as often as it is called.</summary>
    /// <param name="use">Gets each tensor with its name, on the CPU in its own type; it lives during the call.</param>
    /// <exception cref="InvalidDataException">The file ends too soon, or is damaged.</exception>
    public abstract void Read(Action<string, Tensor> use);

    public abstract void Dispose();
}
