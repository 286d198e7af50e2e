using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>main(x) + shortcut(x) (He et al. 2016, equations 1 and 2); an empty shortcut is the identity.</summary>
internal sealed class ResidualLayer(string name, IReadOnlyList<NetworkLayer> main, IReadOnlyList<NetworkLayer> shortcut) : NetworkLayer
{
    /// <summary>Goes before the names of all inside, with a dot.</summary>
    public string Name => name;

    /// <summary>Channels behind the main branch's first convolution; null where it has none.</summary>
    public int? Width => main.OfType<ConvolutionLayer>().FirstOrDefault()?.Outputs;

    /// <summary>
    /// A block starts as its shortcut: where its main branch ends with a normalisation, that one's scale is zero (Goyal et al. 2017, section 5.1). One that ends with a convolution starts by
    /// He's initialisation, as the literature's do; but where nothing normalises, only zeros keep a deep network from exploding.
    /// </summary>
    public override void Initialize(Generator generator)
    {
        if (main[^1] is NormalizationLayer || main.Any(layer => layer is AffineLayer))
            StartAsShortcut();
    }

    /// <summary>Makes main(x) zero by the last of its weights, where these are a normalisation's or a convolution's.</summary>
    public void StartAsShortcut()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        if (main[^1] is ConvolutionLayer convolution)
            convolution.Weight.zero_();
        if (main[^1] is NormalizationLayer last)
            foreach (var scale in last.Scales)
                scale.zero_();
    }

    public override Activations Forward(Activations activations, Phase phase) =>
        activations.Fork(x => main.Forward(x, phase), x => shortcut.Forward(x, phase));

    public override FrozenLayer Freeze(Phase phase) => new FrozenResidual(main.Freeze(phase), shortcut.Freeze(phase));
}
