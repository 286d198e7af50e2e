using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A way of perturbing images within a budget so that a network misclassifies them: what it is, and the <see cref="Search"/> that proposes images and learns from the network's
/// answers. Derive from it to bring an attack of your own: training and evaluation take any. An attack sees the network as a function and can leave no trace in it.
/// </summary>
public abstract record Attack : Described
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

    /// <summary>The attacks that one run of this one answers for, this one last: an evaluation reports each of them.</summary>
    /// <value>Itself, unless the attack says otherwise.</value>
    public virtual IReadOnlyList<Attack> Reported => [this];

    /// <summary>Steps after which the attack's searches end, where one run can answer for several lengths; null where it cannot.</summary>
    internal virtual int? Length => null;

    /// <summary>Perturbs images until they are misclassified, as an evaluation does. An image that already is comes back as it was.</summary>
    /// <param name="network">The network to fool.</param>
    /// <param name="images">float32 [batch, channels, height, width] in [0, 1]; not changed.</param>
    /// <param name="labels">int64 [batch], the true classes; not changed.</param>
    /// <param name="random">A stream for each image; the same streams give the same result.</param>
    /// <returns>
    /// float32, the shape of <paramref name="images"/>, inside the budget and [0, 1], without gradient, in the current dispose scope: the first misclassified image that was found, else of the
    /// clean one and those where searches ended the one with the highest cross-entropy of its true class.
    /// </returns>
    /// <exception cref="ArgumentException">A tensor's type, shape or range is not as stated.</exception>
    /// <exception cref="InvalidOperationException">The attack left its budget, its result has another type or shape than the images, or an option does not fit the network.</exception>
    public Tensor Perturb(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        CheckShapes(network, images, labels, random);
        CheckRanges(network, images, labels);
        return Run(network, images, labels, random, run => run.Meet(this)[^1].Images);
    }

    /// <summary>
    /// Perturbs images as a training wants them: every search goes to its end, also on images that are misclassified already; not chosen among are the clean ones. Pixels and labels
    /// are those of a reader that has checked them: to look at them again would keep a GPU waiting in every step.
    /// </summary>
    internal Tensor Craft(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        CheckShapes(network, images, labels, random);
        return Run(network, images, labels, random, run => run.Craft(this));
    }

    /// <summary>The starts of the attack's searches, tried one after another on the images that those before them left standing.</summary>
    /// <param name="classCount">Classes that the network tells apart.</param>
    /// <returns>At least one.</returns>
    protected internal virtual IEnumerable<SearchStart> Starts(int classCount) => [new SearchStart()];

    /// <summary>Begins a search.</summary>
    /// <param name="input">Clean images, labels and streams, and which of <see cref="Starts"/> it is.</param>
    /// <returns>The search, which the caller disposes; <see cref="Search.Once"/> for a single proposal.</returns>
    protected internal abstract Search Begin(SearchInput input);

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        Require.NotNull(identity, nameof(identity)).Add("budget", Budget);
        identity.EndOfBase();
    }

    /// <summary>For <c>ToString</c>: a number of things that are more than one.</summary>
    private protected static string Several(int count, string what) => count > 1 ? FormattableString.Invariant($", {count} {what}") : "";

    private static Tensor Run(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random, Func<SearchRun, Tensor> run)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        // A user's search gets copies: whatever it does to them, the caller's images stay.
        return run(new SearchRun(network, images.detach().clone(), labels.clone(), random)).MoveToOuterDisposeScope();
    }

    private static void CheckShapes(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
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
    }

    private static void CheckRanges(IImageClassifier network, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var (lowest, highest) = (images.min().cpu().item<float>(), images.max().cpu().item<float>());
        if (!(lowest >= 0 && highest <= 1))
            throw new ArgumentException(FormattableString.Invariant($"images holds values from {lowest} to {highest}; expected pixels in [0, 1]."), nameof(images));
        var (first, last) = (labels.min().cpu().item<long>(), labels.max().cpu().item<long>());
        if (first < 0 || last >= network.ClassCount)
            throw new ArgumentException($"labels holds classes from {first} to {last}; the network knows classes 0 to {network.ClassCount - 1}.", nameof(labels));
    }
}
