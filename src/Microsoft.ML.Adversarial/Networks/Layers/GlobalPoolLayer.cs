namespace Microsoft.ML.Adversarial;

/// <summary>The mean of each channel: [n, c, h, w] to [n, c].</summary>
internal sealed class GlobalPoolLayer : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => activations.Pool();

    public override FrozenLayer Freeze(Phase phase) => new FrozenGlobalPool();
}
