using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Every network's first layer: brings pixels to the range of its first convolution.</summary>
internal sealed class PixelLayer(PixelNormalization pixels, Device device) : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase)
    {
        var images = FrozenTensor.ChannelsLast(activations.Values);
        if (pixels.Uniform is { } uniform)
            return Activations.Made(images.Times(uniform.Scale).AddInPlace(uniform.Shift));
        var (scale, shift) = pixels.PerChannel(device);
        return Activations.Given(images).Scaled(scale, shift);
    }

    public override FrozenLayer Freeze(Phase phase)
    {
        if (pixels.Uniform is { } uniform)
            return new FrozenScale((float)uniform.Scale, (float)uniform.Shift);
        using var scope = NewDisposeScope();
        var (scale, shift) = pixels.PerChannel(device);
        return new FrozenChannelScale(scale.DetachFromDisposeScope(), shift.DetachFromDisposeScope());
    }
}
