namespace Microsoft.ML.Adversarial;

/// <summary>A kind of network, whatever images and classes it is for: <see cref="ResNet"/>, <see cref="PreActResNet"/> and <see cref="WideResNet"/> are some. One of your own lays its layers out in <see cref="LayOut"/>.</summary>
/// <remarks>
/// <code>
/// public sealed record TinyNet : Backbone
/// {
///     public override string Name =&gt; "TinyNet";
///
///     protected override void LayOut(NetworkLayout layout) =&gt; layout
///         .Convolution("conv1", outputs: 8, kernel: 3).Normalization("bn1").Activation(Activation.Relu)
///         .Residual("block", main =&gt; main.Convolution("conv1", 8, 3).Normalization("bn1")).Activation(Activation.Relu)
///         .GlobalAveragePool().Classifier("fc");
///
///     protected override void Describe(Identity identity)
///     {
///         base.Describe(identity);
///         identity.AddNothing();
///     }
/// }
/// </code>
/// </remarks>
public abstract record Backbone : Described
{
    /// <summary>What people call it, such as <c>ResNet-20</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The same of another depth: what a depth experiment tries.</summary>
    /// <param name="depth">Layers with weights on the longest path, as the backbone counts them.</param>
    /// <returns>Another backbone.</returns>
    /// <exception cref="NotSupportedException">It comes in one depth alone.</exception>
    public virtual Backbone WithDepth(int depth) => throw Fixed(nameof(WithDepth));

    /// <summary>The same of another width: what a depth experiment tries where it is given widths.</summary>
    /// <param name="width">Channels of its first stage.</param>
    /// <returns>Another backbone.</returns>
    /// <exception cref="NotSupportedException">It comes in one width alone.</exception>
    public virtual Backbone WithWidth(int width) => throw Fixed(nameof(WithWidth));

    /// <summary>Lays the layers out, from the image to the scores of the classes, in the order in which images pass them. What it does must follow from the layout and from what it describes alone.</summary>
    /// <param name="layout">Takes the layers; knows image, classes and what the layers so far make of an image.</param>
    /// <exception cref="ArgumentException">There is no such network for such images.</exception>
    protected internal abstract void LayOut(NetworkLayout layout);

    /// <summary>How it takes pixels where that is not for the options to say; null where it is.</summary>
    internal virtual PixelNormalization? OwnPixels => null;

    /// <summary>Whether its weights have been trained, so that its statistics are known from the first update on.</summary>
    internal virtual bool IsTrained => false;

    /// <summary>How others name its weights, beside its own names.</summary>
    internal virtual IReadOnlyList<NamingFamily> OtherNames => [];

    /// <returns>Its <see cref="Name"/>.</returns>
    public sealed override string ToString() => Name;

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.EndOfBase();
    }

    private NotSupportedException Fixed(string member) =>
        new($"{Name} comes in one depth and one width; expected a backbone that overrides {member}, as ResNet does.");
}
