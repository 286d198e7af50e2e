using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>The normalisation behind one convolution; every kind is told the domain, whether or not it keeps domains apart.</summary>
internal abstract class NormalizationLayer(string name) : Module<Tensor, ImageDomain, NormalizationStatistics, Tensor>(name)
{
    /// <summary>The scales that multiply the normalised activations; zero in the last layer of each residual block at the start of training.</summary>
    public abstract IEnumerable<Parameter> Scales { get; }

    /// <summary>
    /// Takes over all weights and statistics of a layer of the same kind. Each domain takes what the other layer has for it; a layer that does not tell domains
    /// apart takes what the other has for <paramref name="domain"/>.
    /// </summary>
    public abstract void CopyFrom(NormalizationLayer source, ImageDomain domain);

    /// <summary>Forgets how many batches it has seen: the next one of <see cref="NormalizationStatistics.Cumulative"/> replaces the running statistics.</summary>
    public virtual void CountBatchesAnew()
    {
    }

    /// <summary>This layer as applied to the output of <paramref name="convolution"/>, folded into its weights where that is possible.</summary>
    /// <param name="convolution">The convolution before this layer.</param>
    /// <param name="domain">Whose normalisation.</param>
    /// <param name="statistics">Those of test time, or those of the batch, untracked.</param>
    public abstract IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain, NormalizationStatistics statistics);
}
