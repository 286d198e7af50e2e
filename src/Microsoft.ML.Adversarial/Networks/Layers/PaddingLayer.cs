namespace Microsoft.ML.Adversarial;

/// <summary>Zeros around an image, for a convolution that wants more of them at one side than at the other.</summary>
internal sealed class PaddingLayer(Borders borders) : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => activations.Padded(borders);

    public override FrozenLayer Freeze(Phase phase) => new FrozenPadding(borders);
}
