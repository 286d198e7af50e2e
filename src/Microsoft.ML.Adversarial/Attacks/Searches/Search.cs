using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// One search of an attack, on several images at once: it proposes candidates, and learns from what the network says of them. Candidates are looked at, judged and dropped for it: an
/// image whose candidate inside the budget is misclassified leaves the search, and all that it owns by image shrinks with it.
/// </summary>
/// <remarks>Asked in turn: <see cref="Candidates"/>, <see cref="Loss"/>, then <see cref="Learn"/>, until there are no candidates; then <see cref="Result"/>.</remarks>
public abstract class Search : IDisposable
{
    private readonly List<PerImage> owned = [];
    private readonly PerImage images, labels, places, streams;
    private readonly SearchInput input;
    private PerImage? cleanLogits;

    /// <summary>A search.</summary>
    /// <param name="input">What it begins with.</param>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> is null.</exception>
    protected Search(SearchInput input)
    {
        this.input = Require.NotNull(input, nameof(input));
        images = Own(input.Images);
        labels = Own(input.Labels);
        places = Own(TensorArithmetic.Positions(input.Images.shape[0], input.Images.device));
        streams = Own(input.Random.Keys);
    }

    /// <summary>The images to ask the network about: float32, the shape of <see cref="Images"/>, in [0, 1]. Those outside the budget do not count as found.</summary>
    /// <value>Null at the end of the search.</value>
    public abstract Tensor? Candidates { get; }

    /// <summary>The loss whose gradient at the candidates is wanted.</summary>
    /// <value>Null: the scores alone.</value>
    public virtual AttackLoss? Loss => null;

    /// <summary>The class that the loss is to reach for each image, int64 [images].</summary>
    /// <value>Null: to leave the true class.</value>
    public virtual Tensor? Targets => null;

    /// <summary>How many answers of a network that answers at random are added up.</summary>
    /// <value>1, unless the search says otherwise.</value>
    public virtual int Samples => 1;

    /// <summary>Where the search has brought each image: float32, the shape of <see cref="Images"/>, inside the budget and [0, 1].</summary>
    public abstract Tensor Result { get; }

    /// <summary>The clean images still searched for: float32 [images, channels, height, width]; not to be changed.</summary>
    protected internal Tensor Images => images.Value;

    /// <summary>Their true classes, int64 [images]; not to be changed.</summary>
    protected internal Tensor Labels => labels.Value;

    /// <summary>Their streams.</summary>
    protected ImageRandom Random => ImageRandom.Of(streams.Value);

    /// <summary>What the network says of the clean images, float32 [images, classes].</summary>
    protected internal Tensor CleanLogits => (cleanLogits ??= Own(input.CleanLogits.index_select(0, Places))).Value;

    /// <summary>Which of the images that the search began with are left, int64 [images].</summary>
    internal Tensor Places => places.Value;

    /// <summary>A search that proposes one image and ends.</summary>
    /// <param name="input">What it begins with.</param>
    /// <param name="proposal">float32, the shape of the clean images, inside the budget and [0, 1].</param>
    /// <returns>The search.</returns>
    public static Search Once(SearchInput input, Tensor proposal) => new SingleProposal(input, Require.NotNull(proposal, nameof(proposal)));

    /// <summary>Moves the candidates.</summary>
    /// <param name="answer">What the network said of them.</param>
    public abstract void Learn(NetworkAnswer answer);

    /// <summary>Frees what the search owns.</summary>
    public void Dispose()
    {
        foreach (var tensor in owned)
            tensor.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Asks the network about the candidates, and where there is a loss about its gradient.</summary>
    internal NetworkAnswer Ask(IImageClassifier network, Tensor candidates) => Loss is { } loss
        ? NetworkAnswer.Of(network, candidates, loss, new LossContext(Labels, Targets, () => CleanLogits), Samples)
        : NetworkAnswer.Of(network, candidates, Labels);

    /// <summary>The other images leave.</summary>
    internal void Keep(Tensor kept)
    {
        using var scope = NewDisposeScope();
        foreach (var tensor in owned)
            tensor.Keep(kept);
    }

    /// <summary>Something that the search remembers of each image.</summary>
    /// <param name="initial">[images, ...], copied.</param>
    /// <returns>It follows the images that stay.</returns>
    protected PerImage Own(Tensor initial)
    {
        var tensor = new PerImage(Require.NotNull(initial, nameof(initial)));
        owned.Add(tensor);
        return tensor;
    }

    private sealed class SingleProposal : Search
    {
        private readonly PerImage proposal;

        public SingleProposal(SearchInput input, Tensor proposal)
            : base(input) => this.proposal = Own(proposal);

        public override Tensor? Candidates => null;

        public override Tensor Result => proposal.Value;

        public override void Learn(NetworkAnswer answer)
        {
        }
    }
}
