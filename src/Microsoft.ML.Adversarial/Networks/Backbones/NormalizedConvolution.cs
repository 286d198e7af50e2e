using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A convolution and the normalisation behind it, the pair every residual network is made of.</summary>
internal sealed record NormalizedConvolution(ConvolutionLayer Convolution, NormalizationLayer Normalization)
{
    public NormalizedConvolution(int inputs, int outputs, int kernel, int stride, Normalization normalization, Device device)
        : this(new ConvolutionLayer(inputs, outputs, kernel, stride, device), normalization.CreateLayer(outputs, device))
    {
    }

    public Tensor Forward(Tensor images, ImageDomain domain, NormalizationStatistics statistics) =>
        Normalization.call(Convolution.call(images), domain, statistics);

    public IEnumerable<FrozenLayer> Freeze(ImageDomain domain, NormalizationStatistics statistics) => Normalization.FreezeBehind(Convolution, domain, statistics);

    public void CopyFrom(NormalizedConvolution source, ImageDomain domain)
    {
        Convolution.CopyFrom(source.Convolution);
        Normalization.CopyFrom(source.Normalization, domain);
    }
}
