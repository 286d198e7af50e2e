using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A weight that <see cref="Tensor.TotalCount"/> counts once. TorchSharp 0.107.0 counts the tensor that a parameter is made of as alive for ever, though the parameter has
/// taken it over (Tensor.MoveHandle, unlike DecoupleFromNativeHandle, does not take it off the count), so that the count grew with every network that was ever made.
/// </summary>
internal sealed class CountedParameter : Parameter
{
    /// <param name="data">Taken over.</param>
    public CountedParameter(Tensor data)
        : base(data)
    {
        // A copy of the managed object was never counted in: decoupling it takes one off the count, and frees nothing.
        ((Tensor)MemberwiseClone()).DecoupleFromNativeHandle();
    }
}
