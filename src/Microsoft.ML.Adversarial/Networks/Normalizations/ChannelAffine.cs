using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>A learned scale and shift of each channel, one and zero at first; torchvision's names.</summary>
internal sealed record ChannelAffine(Parameter Scale, Parameter Shift)
{
    public ChannelAffine(int channels, Device device)
        : this(new CountedParameter(ones(channels, device: device)), new CountedParameter(zeros(channels, device: device)))
    {
    }

    /// <summary>The module then owns them.</summary>
    public void Register(Module owner)
    {
        owner.register_parameter("weight", Scale);
        owner.register_parameter("bias", Shift);
    }
}
