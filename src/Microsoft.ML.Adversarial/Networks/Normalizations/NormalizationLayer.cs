using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A normalisation; every kind is told the domain, whether or not it keeps domains apart.</summary>
internal abstract class NormalizationLayer : NetworkLayer
{
    /// <summary>The scales that multiply the normalised activations.</summary>
    public abstract IEnumerable<Parameter> Scales { get; }

    /// <summary>Starts as another network's normalisation, in every domain.</summary>
    /// <param name="scale">[channels]; as the others.</param>
    /// <param name="shift">Is added.</param>
    /// <param name="mean">The running one.</param>
    /// <param name="variance">The running one.</param>
    public virtual void Take(Tensor scale, Tensor shift, Tensor mean, Tensor variance) => throw new NotSupportedException($"{GetType().Name} keeps no statistics.");
}
