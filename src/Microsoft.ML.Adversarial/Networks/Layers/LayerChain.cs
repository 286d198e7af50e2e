namespace Microsoft.ML.Adversarial;

/// <summary>Layers one behind the other.</summary>
internal static class LayerChain
{
    public static Activations Forward(this IReadOnlyList<NetworkLayer> layers, Activations activations, Phase phase) =>
        layers.Aggregate(activations, (x, layer) => layer.Forward(x, phase));

    /// <summary>A normalisation that is a map of each channel in this phase goes into the convolution right before it; any other becomes a layer of its own.</summary>
    public static IReadOnlyList<FrozenLayer> Freeze(this IReadOnlyList<NetworkLayer> layers, Phase phase)
    {
        var frozen = new List<FrozenLayer>();
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i].Freeze(phase);
            if (layer is FrozenChannelScale map && i > 0 && layers[i - 1] is ConvolutionLayer && frozen[^1] is FrozenConvolution convolution)
                frozen[^1] = convolution.With(map);
            else
                frozen.Add(layer);
        }
        return frozen;
    }

    /// <summary>
    /// The forward pass cut where little lives: a part begins with each convolution or residual block but the first. Convolution, normalisation and activation stay together, so that they may
    /// overwrite what one makes for the next.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<NetworkLayer>> Cut(this IReadOnlyList<NetworkLayer> layers)
    {
        var parts = new List<List<NetworkLayer>> { new() };
        foreach (var layer in layers)
        {
            if (layer is ConvolutionLayer or ResidualLayer && parts[^1].Any(earlier => earlier is ConvolutionLayer or ResidualLayer))
                parts.Add([]);
            parts[^1].Add(layer);
        }
        return parts;
    }
}
