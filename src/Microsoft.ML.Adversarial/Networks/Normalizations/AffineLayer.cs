using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>In the place of a normalisation: a learned scale and shift of each channel.</summary>
internal sealed class AffineLayer : NormalizationLayer
{
    private readonly ChannelAffine affine;

    public AffineLayer(int channels, Device device)
        : base(nameof(AffineLayer))
    {
        affine = new ChannelAffine(channels, device);
        affine.Register(this);
    }

    public override IEnumerable<Parameter> Scales => [affine.Scale];

    public override Tensor forward(Tensor activations, ImageDomain domain, NormalizationStatistics statistics) =>
        activations.mul(affine.Scale.view(1, -1, 1, 1)).AddInPlace(affine.Shift.view(1, -1, 1, 1));

    public override void CopyFrom(NormalizationLayer source, ImageDomain domain) => affine.CopyFrom(((AffineLayer)source).affine);

    public override IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain, NormalizationStatistics statistics)
    {
        using var scope = NewDisposeScope();
        return [convolution.Freeze(convolution.Weight.mul(affine.Scale.view(-1, 1, 1, 1)), affine.Shift)];
    }
}
