using TorchSharp.Modules;

namespace Microsoft.ML.Adversarial;

/// <summary>A normalisation; every kind is told the domain, whether or not it keeps domains apart.</summary>
internal abstract class NormalizationLayer : NetworkLayer
{
    /// <summary>The scales that multiply the normalised activations.</summary>
    public abstract IEnumerable<Parameter> Scales { get; }

    /// <summary>Forgets how many batches it has seen: the next one of <see cref="NormalizationStatistics.Cumulative"/> replaces the running statistics.</summary>
    public virtual void CountBatchesAnew()
    {
    }
}
