namespace Microsoft.ML.Adversarial;

/// <summary>The mean of each channel: [n, c, h, w] to [n, c].</summary>
internal sealed class GlobalPoolLayer : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => Activations.Made(activations.Values.mean([2, 3]));

    public override FrozenLayer Freeze(Phase phase) => new FrozenGlobalPool();
}
