using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Group normalisation of [batch, channels, height, width]; torchvision's names.</summary>
internal sealed class GroupNormalizationLayer : NormalizationLayer
{
    private const double Epsilon = 1e-5;

    private readonly int groups;
    private readonly ChannelAffine affine;

    public GroupNormalizationLayer(int channels, int groups, Device device)
        : base(nameof(GroupNormalizationLayer))
    {
        this.groups = groups;
        affine = new ChannelAffine(channels, device);
        affine.Register(this);
    }

    public override IEnumerable<Parameter> Scales => [affine.Scale];

    public override Tensor forward(Tensor activations, ImageDomain domain, NormalizationStatistics statistics) =>
        nn.functional.group_norm(activations, groups, affine.Scale, affine.Shift, Epsilon);

    public override void CopyFrom(NormalizationLayer source, ImageDomain domain) => affine.CopyFrom(((GroupNormalizationLayer)source).affine);

    public override IEnumerable<FrozenLayer> FreezeBehind(ConvolutionLayer convolution, ImageDomain domain, NormalizationStatistics statistics) =>
        [convolution.Freeze(), new FrozenGroupNormalization(FrozenTensor.Plain(affine.Scale), FrozenTensor.Plain(affine.Shift), groups, Epsilon)];
}
