namespace Microsoft.ML.Adversarial;

/// <summary>Each number by itself through the same function.</summary>
internal sealed class ActivationLayer(Activation activation) : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => activations.Through(activation);

    public override FrozenLayer Freeze(Phase phase) => new FrozenActivation(activation);
}
