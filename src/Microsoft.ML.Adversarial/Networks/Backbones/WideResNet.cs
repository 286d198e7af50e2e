namespace Microsoft.ML.Adversarial;

/// <summary>
/// A wide residual network (Zagoruyko &amp; Komodakis 2016, arXiv:1605.07146): few layers of many channels, for small images; the usual network of the literature on robustness. Its weights
/// have the names of the public checkpoints: of TRADES (Zhang et al. 2019) and RobustBench's <c>WideResNet</c>.
/// </summary>
/// <example>
/// <code>
/// var wide = new ImageClassificationOptions
/// {
///     Backbone = new WideResNet(28, widening: 10) { Activation = Activation.Silu },
///     Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 10 }),
/// };
/// </code>
/// </example>
public sealed record WideResNet : Backbone
{
    /// <summary>Channels of the stem, and of the first stage of a network of widening 1.</summary>
    private const int Stem = 16;

    /// <summary>The network of a depth and a width.</summary>
    /// <param name="depth">Layers with weights on the longest path: 6n + 4 from 10 to 1204, for n blocks of two convolutions in each of three stages. Usual are 28, 34 and 70.</param>
    /// <param name="widening">How many times 16, 32 and 64 channels the stages have; from 1 to 64. Usual are 10 and 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is none of these.</exception>
    public WideResNet(int depth, int widening) => (Depth, Widening) = (Known(depth), Require.InRange(widening, 1, 64, nameof(Widening)));

    /// <summary>Layers with weights on the longest path.</summary>
    public int Depth { get; private init; }

    /// <summary>How many times 16, 32 and 64 channels the stages have.</summary>
    public int Widening { get; private init; }

    /// <summary>The function before each convolution.</summary>
    /// <value>Default <see cref="Activation.Relu"/>. Gowal et al. 2020 (arXiv:2010.03593, section 4.4) find <see cref="Activation.Silu"/> best.</value>
    public Activation Activation { get; init => field = Require.Defined(value); } = Activation.Relu;

    /// <summary>
    /// Whether a convolution of stride 2 has its zeros below and at the right of an image alone, as TensorFlow and JAX pad: for weights of networks that come from there, such as
    /// DeepMind's (Gowal et al. 2020) and all that RobustBench calls <c>DMWideResNet</c>.
    /// </summary>
    /// <value>Default false: one row and one column of zeros at every side.</value>
    public bool PadsAtEnd { get; init; }

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"WideResNet-{Depth}-{Widening}");

    /// <inheritdoc/>
    public override WideResNet WithDepth(int depth) => this with { Depth = Known(depth) };

    /// <summary>The same of another width.</summary>
    /// <param name="width">Channels of its first stage: a multiple of 16.</param>
    /// <returns>Another backbone.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="width"/> is no multiple of 16, or above 1024.</exception>
    public override WideResNet WithWidth(int width) => Require.InRange(width, Stem, 64 * Stem, nameof(width)) % Stem == 0
        ? this with { Widening = width / Stem }
        : throw new ArgumentOutOfRangeException(nameof(width), $"Width is {width}, and the first stage of a WideResNet has {Stem} channels times its widening; expected a multiple of {Stem}.");

    internal override IReadOnlyList<NamingFamily> OtherNames => NamingFamily.OfWideResNet;

    /// <inheritdoc/>
    protected internal override void LayOut(NetworkLayout layout)
    {
        const int stages = 3;
        SmallImages.Check(this, Require.NotNull(layout, nameof(layout)).Image, totalStride: 1 << (stages - 1));
        layout.Convolution("conv1", Stem, kernel: 3);
        for (var stage = 0; stage < stages; stage++)
        {
            var width = (Stem << stage) * Widening;
            for (var block = 0; block < (Depth - 4) / 6; block++)
                PreActivationBlock.LayOut(
                    layout, FormattableString.Invariant($"block{stage + 1}.layer.{block}"), "convShortcut", [new(width, 3, stage > 0 && block == 0 ? 2 : 1), new(width, 3)], Activation, PadsAtEnd);
        }
        layout.Normalization("bn1").Activation(Activation).GlobalAveragePool().Classifier("fc");
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depth", Depth);
        identity.Add("widening", Widening);
        identity.Add("activation", Activation);
        identity.Add("pads at end", PadsAtEnd);
    }

    private static int Known(int depth) => depth is >= 10 and <= 1204 && (depth - 4) % 6 == 0
        ? depth
        : throw new ArgumentOutOfRangeException(nameof(depth), $"Depth is {depth}, which no WideResNet has; expected 6n + 4 from 10 to 1204, such as 28, 34 or 70.");
}
