namespace Microsoft.ML.Adversarial;

/// <summary>max(x, 0).</summary>
internal sealed class ReluLayer : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => activations.Relu();

    public override FrozenLayer Freeze(Phase phase) => new FrozenRelu();
}
