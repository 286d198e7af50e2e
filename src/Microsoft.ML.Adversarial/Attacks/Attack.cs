using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A way of perturbing images within a budget so that a network misclassifies them. Derive from it to bring an attack of your own: training and evaluation
/// take any. An attack sees the network as a function and can leave no trace in it.
/// </summary>
public abstract record Attack
{
    /// <summary>An attack.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    protected Attack(Budget budget) => Budget = Require.NotNull(budget, nameof(budget));

    /// <summary>How far an image may be moved.</summary>
    public Budget Budget { get; init => field = Require.NotNull(value); }

    /// <summary>A short name for tables, such as <c>PGD-20</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the attack differentiates through the network, which a network known by its scores alone does not allow.</summary>
    /// <value>True, unless the attack says otherwise.</value>
    public virtual bool NeedsGradient => true;

    /// <summary>The attacks that an ensemble tries in turn; of any other attack, itself.</summary>
    public virtual IReadOnlyList<Attack> Members => [this];

    /// <summary>Perturbs images.</summary>
    /// <param name="network">The network to fool.</param>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="labels">int64 [batch], the true classes; not changed.</param>
    /// <param name="random">A stream for each image; the same streams give the same result.</param>
    /// <returns>float32, the shape of <paramref name="images"/>, inside the budget and [0, 1], without gradient, in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">A tensor's type, shape or range is not as stated.</exception>
    /// <exception cref="InvalidOperationException">The attack's result has another type or shape than the images, or an option does not fit its budget or the network.</exception>
    public Tensor Perturb(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Check(network, images, labels, random);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        // The attack gets copies: whatever it does to them, the caller's images stay.
        var adversarial = PerturbCore(network, images.detach().clone(), labels.clone(), random);
        if (adversarial.dtype != float32 || !adversarial.shape.SequenceEqual(images.shape))
            throw new InvalidOperationException(
                $"The attack {this} made {adversarial.dtype} [{string.Join(", ", adversarial.shape)}] of {images.dtype} [{string.Join(", ", images.shape)}]; expected the same type and shape.");
        return adversarial.detach().MoveToOuterDisposeScope();
    }

    /// <summary>The attack itself; arguments are as <see cref="Perturb"/> states them, and what it creates is disposed but for its result.</summary>
    /// <param name="network">The network to fool.</param>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1], a copy.</param>
    /// <param name="labels">int64 [batch], a copy.</param>
    /// <param name="random">A stream for each image.</param>
    /// <returns>float32, the shape of <paramref name="images"/>.</returns>
    protected abstract Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random);

    private static void Check(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Require.NotNull(network, nameof(network));
        Require.NotNull(images, nameof(images));
        Require.NotNull(labels, nameof(labels));
        Require.NotNull(random, nameof(random));
        if (images.dtype != float32 || images.dim() != 4)
            throw new ArgumentException($"images is {images.dtype} [{string.Join(", ", images.shape)}]; expected Float32 [batch, channels, height, width].", nameof(images));
        if (labels.dtype != int64 || labels.dim() != 1 || labels.shape[0] != images.shape[0])
            throw new ArgumentException($"labels is {labels.dtype} [{string.Join(", ", labels.shape)}]; expected Int64 [{images.shape[0]}].", nameof(labels));
        if (random.Count != images.shape[0])
            throw new ArgumentException($"random has streams for {random.Count} images; there are {images.shape[0]}.", nameof(random));

        using var scope = NewDisposeScope();
        var (lowest, highest) = (images.min().cpu().item<float>(), images.max().cpu().item<float>());
        if (!(lowest >= 0 && highest <= 1))
            throw new ArgumentException(FormattableString.Invariant($"images holds values from {lowest} to {highest}; expected pixels in [0, 1]."), nameof(images));
        var (first, last) = (labels.min().cpu().item<long>(), labels.max().cpu().item<long>());
        if (first < 0 || last >= network.ClassCount)
            throw new ArgumentException($"labels holds classes from {first} to {last}; the network knows classes 0 to {network.ClassCount - 1}.", nameof(labels));
    }
}
