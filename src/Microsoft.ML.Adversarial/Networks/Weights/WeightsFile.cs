using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A file of tensors by name, whatever its format.</summary>
internal abstract class WeightsFile : IDisposable
{
    /// <summary>Of its tensors, by name.</summary>
    public abstract IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Whether it holds tensors for other things than to be a network's weights, which nobody needs to take.</summary>
    public virtual bool HasOthers => false;

    /// <param name="use">Gets each tensor with its name, on the CPU in its own type; it lives during the call.</param>
    /// <exception cref="InvalidDataException">The file ends too soon, or is damaged.</exception>
    public abstract void Read(Action<string, Tensor> use);

    public abstract void Dispose();
}
