namespace Microsoft.ML.Adversarial;

/// <summary>The channels in reverse order, for a network that takes blue first.</summary>
internal sealed class ChannelFlipLayer : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => Activations.Made(activations.Values.flip(1));

    public override FrozenLayer Freeze(Phase phase) => new FrozenChannelFlip();
}
