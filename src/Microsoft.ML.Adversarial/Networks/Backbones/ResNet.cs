namespace Microsoft.ML.Adversarial;

/// <summary>A residual network (He et al. 2016). Its weights have torchvision's names.</summary>
public sealed record ResNet : Backbone
{
    /// <summary>The network of a depth.</summary>
    /// <param name="depth">
    /// Layers with weights on the longest path. For images up to 64 x 64: 6n + 2 (8, 14, 20, 32, 44, 56, 110, ...). For any size: 18, 34, 50, 101, 152, 200, 338, 518, 638. See
    /// <see cref="Family"/> where a depth is both.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is not from 1 to 2000; whether there is such a network is seen when the images are known.</exception>
    public ResNet(int depth) => Depth = Require.InRange(depth, 1, 2000, nameof(Depth));

    /// <summary>Layers with weights on the longest path.</summary>
    public int Depth { get; private init; }

    /// <summary>Channels of the first stage; each further stage has twice as many.</summary>
    /// <value>Default null: 16 in three-stage networks, 64 in four-stage ones (He et al. 2016); otherwise from 1 to 1024.</value>
    public int? Width { get; init => field = value is { } width ? Require.InRange(width, 1, 1024) : null; }

    /// <summary>Which residual network a depth stands for.</summary>
    /// <value>Default <see cref="NetworkFamily.Automatic"/>.</value>
    public NetworkFamily Family { get; init => field = Require.Defined(value); } = NetworkFamily.Automatic;

    /// <summary>The function behind each normalisation, and behind each sum.</summary>
    /// <value>Default <see cref="Activation.Relu"/>.</value>
    public Activation Activation { get; init => field = Require.Defined(value); } = Activation.Relu;

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"ResNet-{Depth}");

    /// <inheritdoc/>
    public override ResNet WithDepth(int depth) => this with { Depth = Require.InRange(depth, 1, 2000, nameof(Depth)) };

    /// <inheritdoc/>
    public override ResNet WithWidth(int width) => this with { Width = width };

    internal override IReadOnlyList<NamingFamily> OtherNames => NamingFamily.OfResNet;

    /// <inheritdoc/>
    protected internal override void LayOut(NetworkLayout layout)
    {
        var plan = ResNetTable.Plan(this, Require.NotNull(layout, nameof(layout)).Image);
        layout.Convolution("conv1", plan.Widths[0], plan.HasLargeStem ? 7 : 3, plan.HasLargeStem ? 2 : 1).Normalization("bn1").Activation(Activation);
        if (plan.HasLargeStem)
            layout.MaxPool(kernel: 3, stride: 2, padding: 1);
        for (var stage = 0; stage < plan.Blocks.Length; stage++)
        {
            for (var block = 0; block < plan.Blocks[stage]; block++)
                LayOutBlock(layout, FormattableString.Invariant($"layer{stage + 1}.{block}"), plan, plan.Widths[stage], stride: stage > 0 && block == 0 ? 2 : 1);
        }
        layout.GlobalAveragePool().Classifier("fc");
    }

    /// <summary>
    /// activation(main(x) + shortcut(x)), main being convolutions, each normalised, with the activation between (He et al. 2016, figures 2 and 5). Basic: 3x3, 3x3. Bottleneck: 1x1, 3x3, 1x1 with the
    /// stride on the 3x3.
    /// </summary>
    private void LayOutBlock(NetworkLayout layout, string name, ResNetPlan plan, int width, int stride)
    {
        var outputs = width * plan.Expansion;
        var isProjected = stride != 1 || layout.Channels != outputs;
        layout.Residual(name, Main, shortcut => _ = isProjected ? shortcut.Convolution("downsample.0", outputs, 1, stride).Normalization("downsample.1") : shortcut).Activation(Activation);

        void Main(NetworkLayout main)
        {
            if (plan.IsBottleneck)
                main.Convolution("conv1", width, 1).Normalization("bn1").Activation(Activation).Convolution("conv2", width, 3, stride).Normalization("bn2").Activation(Activation).Convolution("conv3", outputs, 1).Normalization("bn3");
            else
                main.Convolution("conv1", width, 3, stride).Normalization("bn1").Activation(Activation).Convolution("conv2", outputs, 3).Normalization("bn2");
        }
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depth", Depth);
        identity.Add("width", Width);
        identity.Add("family", Family);
        // Said where it is another one, so that checkpoints from before there was a choice still fit.
        if (Activation != Activation.Relu)
            identity.Add("activation", Activation);
    }
}
