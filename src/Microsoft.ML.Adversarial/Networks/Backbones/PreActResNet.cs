namespace Microsoft.ML.Adversarial;

/// <summary>
/// A residual network that normalises before it convolves (He et al. 2016b, arXiv:1603.05027), for small images, as the literature on robustness trains it: a 3 x 3 stem, four stages, a
/// normalisation and an activation before the pooling. Its weights have the names of the public checkpoints: of Rice et al. 2020 and RobustBench's <c>PreActResNet</c>.
/// </summary>
/// <example>
/// <code>
/// var normalizedFirst = wide with { Backbone = new PreActResNet(18) { Activation = Activation.Softplus } };
/// </code>
/// </example>
public sealed record PreActResNet : Backbone
{
    /// <summary>The network of a depth.</summary>
    /// <param name="depth">Layers with weights on the longest path: 18 or 34 with blocks of two convolutions, 50, 101, 152, 200, 338, 518 or 638 with blocks of three.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is none of these.</exception>
    public PreActResNet(int depth) => Depth = Known(depth);

    /// <summary>Layers with weights on the longest path.</summary>
    public int Depth { get; private init; }

    /// <summary>Channels of the first stage; each further stage has twice as many.</summary>
    /// <value>Default 64; from 1 to 1024.</value>
    public int Width { get; init => field = Require.InRange(value, 1, 1024); } = 64;

    /// <summary>The function before each convolution.</summary>
    /// <value>Default <see cref="Activation.Relu"/>.</value>
    public Activation Activation { get; init => field = Require.Defined(value); } = Activation.Relu;

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"PreActResNet-{Depth}");

    /// <inheritdoc/>
    public override PreActResNet WithDepth(int depth) => this with { Depth = Known(depth) };

    /// <inheritdoc/>
    public override PreActResNet WithWidth(int width) => this with { Width = width };

    internal override IReadOnlyList<NamingFamily> OtherNames => NamingFamily.OfPreActResNet;

    /// <inheritdoc/>
    protected internal override void LayOut(NetworkLayout layout)
    {
        var plan = ResNetTable.FourStageOf(Depth, Width, hasLargeStem: false)!;
        SmallImages.Check(this, Require.NotNull(layout, nameof(layout)).Image, plan.TotalStride);
        layout.Convolution("conv1", Width, kernel: 3);
        for (var stage = 0; stage < plan.Blocks.Length; stage++)
        {
            for (var block = 0; block < plan.Blocks[stage]; block++)
                PreActivationBlock.LayOut(
                    layout, FormattableString.Invariant($"layer{stage + 1}.{block}"), "shortcut.0", Convolutions(plan, plan.Widths[stage], stride: stage > 0 && block == 0 ? 2 : 1), Activation);
        }
        layout.Normalization("bn").Activation(Activation).GlobalAveragePool().Classifier("linear");
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depth", Depth);
        identity.Add("width", Width);
        identity.Add("activation", Activation);
    }

    /// <summary>The stride is on the first 3 x 3 convolution.</summary>
    private static BlockConvolution[] Convolutions(ResNetPlan plan, int width, int stride) => plan.IsBottleneck
        ? [new(width, 1), new(width, 3, stride), new(width * plan.Expansion, 1)]
        : [new(width, 3, stride), new(width, 3)];

    private static int Known(int depth) => ResNetTable.FourStageOf(depth, 1, hasLargeStem: false) is not null
        ? depth
        : throw new ArgumentOutOfRangeException(nameof(depth), $"Depth is {depth}, which no PreActResNet has; expected one of {ResNetTable.FourStageDepths}.");
}
