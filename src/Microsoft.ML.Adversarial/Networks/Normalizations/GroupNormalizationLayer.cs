using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>Group normalisation of [batch, channels, height, width]; torchvision's names.</summary>
internal sealed class GroupNormalizationLayer(int channels, int groups, Device device) : NormalizationLayer
{
    private const double Epsilon = 1e-5;

    private readonly ChannelAffine affine = new(channels, device);

    public override IEnumerable<Parameter> Scales => [affine.Scale];

    public override void Register(Module owner) => affine.Register(owner);

    public override Activations Forward(Activations activations, Phase phase) =>
        Activations.Made(functional.group_norm(activations.Values, groups, affine.Scale, affine.Shift, Epsilon));

    public override FrozenLayer Freeze(Phase phase) => new FrozenGroupNormalization(FrozenTensor.Plain(affine.Scale), FrozenTensor.Plain(affine.Shift), groups, Epsilon);
}
