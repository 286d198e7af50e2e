namespace Microsoft.ML.Adversarial;

/// <summary>A residual network (He et al. 2016).</summary>
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

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"ResNet-{Depth}");

    /// <inheritdoc/>
    public override ResNet WithDepth(int depth) => this with { Depth = Require.InRange(depth, 1, 2000, nameof(Depth)) };

    /// <inheritdoc/>
    public override ResNet WithWidth(int width) => this with { Width = width };

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("depth", Depth);
        identity.Add("width", Width);
        identity.Add("family", Family);
    }
}
