using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Networks;

/// <summary>The normalisation behind one convolution; every kind is told the domain, whether or not it keeps domains apart.</summary>
internal abstract class NormalizationLayer(string name) : Module<Tensor, ImageDomain, NormalizationStatistics, Tensor>(name)
{
    /// <summary>The scales that multiply the normalised activations; zero in the last layer of each residual block at the start of training.</summary>
    public abstract IEnumerable<Parameter> Scales { get; }

    /// <summary>This layer as test time applies it to the output of <paramref name="convolution"/>, folded into its weights where that is possible.</summary>
    public abstract IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain);
}
