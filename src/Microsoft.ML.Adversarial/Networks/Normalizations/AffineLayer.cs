using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>In the place of a normalisation: a learned scale and shift of each channel.</summary>
internal sealed class AffineLayer(int channels, Device device) : NormalizationLayer
{
    private readonly ChannelAffine affine = new(channels, device);

    public override IEnumerable<Parameter> Scales => [affine.Scale];

    public override void Register(Module owner) => affine.Register(owner);

    public override Activations Forward(Activations activations, Phase phase) =>
        activations.Scaled(affine.Scale.view(1, -1, 1, 1), affine.Shift.view(1, -1, 1, 1));

    public override FrozenLayer Freeze(Phase phase) => FrozenChannelScale.Of(affine.Scale, affine.Shift);
}
