using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>main(x) + shortcut(x) (He et al. 2016, equations 1 and 2); an empty shortcut is the identity.</summary>
internal sealed class ResidualLayer(IReadOnlyList<NetworkLayer> main, IReadOnlyList<NetworkLayer> shortcut) : NetworkLayer
{
    /// <summary>A block starts as its shortcut: where its main branch ends with a normalisation, that one's scale is zero (Goyal et al. 2017, section 5.1).</summary>
    public override void Initialize(Generator generator)
    {
        if (main[^1] is not NormalizationLayer last)
            return;
        using var noGradient = no_grad();
        foreach (var scale in last.Scales)
            scale.zero_();
    }

    public override Activations Forward(Activations activations, Phase phase) =>
        activations.Fork(x => main.Forward(x, phase), x => shortcut.Forward(x, phase));

    public override FrozenLayer Freeze(Phase phase) => new FrozenResidual(main.Freeze(phase), shortcut.Freeze(phase));
}
