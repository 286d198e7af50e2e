namespace Microsoft.ML.Adversarial;

/// <summary>
/// The residual block of He et al. 2016b (arXiv:1603.05027, figure 4e), whose sum passes on as it is: normalisation and activation come before each convolution. Where the shape changes,
/// the shortcut begins behind the first activation, as in the code of Zagoruyko &amp; Komodakis 2016 and what the literature on robustness made of it.
/// </summary>
internal static class PreActivationBlock
{
    /// <param name="layout">Takes the block; normalisations are called bn1, bn2, ..., convolutions conv1, conv2, ...</param>
    /// <param name="name">Goes before these.</param>
    /// <param name="shortcut">The name of the shortcut's convolution, where there is one.</param>
    /// <param name="convolutions">Of the main branch.</param>
    /// <param name="activation">Before each.</param>
    /// <param name="padsAtEnd">See <see cref="NetworkLayout.Convolution"/>.</param>
    public static void LayOut(NetworkLayout layout, string name, string shortcut, IReadOnlyList<BlockConvolution> convolutions, Activation activation, bool padsAtEnd = false)
    {
        var (outputs, stride) = (convolutions[^1].Outputs, convolutions.Aggregate(1, (product, one) => product * one.Stride));
        if (stride == 1 && layout.Channels == outputs)
        {
            layout.Residual(name, main => Main(main.Normalization("bn1").Activation(activation)));
            return;
        }
        layout.Normalization($"{name}.bn1").Activation(activation).Residual(name, Main, projection => projection.Convolution(shortcut, outputs, 1, stride));

        void Main(NetworkLayout main)
        {
            for (var i = 0; i < convolutions.Count; i++)
            {
                if (i > 0)
                    main.Normalization(FormattableString.Invariant($"bn{i + 1}")).Activation(activation);
                main.Convolution(FormattableString.Invariant($"conv{i + 1}"), convolutions[i].Outputs, convolutions[i].Kernel, convolutions[i].Stride, padsAtEnd);
            }
        }
    }
}

/// <summary>A convolution of a block's main branch.</summary>
internal readonly record struct BlockConvolution(int Outputs, int Kernel, int Stride = 1);
