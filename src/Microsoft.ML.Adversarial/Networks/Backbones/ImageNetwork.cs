using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A network as its backbone lays it out, with its weights, whose names are the backbone's (conv1.weight, bn1.weight, layer1.0.conv1.weight, ..., fc.bias). It holds no
/// mode: the domain and the statistics to use come with every forward pass, so nothing has to be restored.
/// </summary>
internal sealed class ImageNetwork : Module<Tensor, Phase, Tensor>
{
    /// <summary>All, in the order they were laid out, those inside a residual block before it.</summary>
    private readonly List<NetworkLayer> all = [];

    /// <summary>From the images to the logits.</summary>
    private readonly IReadOnlyList<NetworkLayer> layers;
    private readonly HashSet<ImageDomain> trained = [];

    /// <summary>Lays the network out with undefined weights; see <see cref="Create"/>.</summary>
    /// <exception cref="ArgumentException">The backbone has no such network for such images, or lays out what is none.</exception>
    public ImageNetwork(NetworkArchitecture architecture, Device device)
        : base(nameof(ImageNetwork))
    {
        Architecture = architecture;
        Device = device;
        var layout = new NetworkLayout(architecture, device, Add);
        architecture.Backbone.LayOut(layout);
        ClassifierName = layout.ClassifierName ?? throw new ArgumentException($"{architecture.Backbone} lays out no Classifier; expected one as its last layer.");
        layers = layout.Layers;
        Segments = [.. layers.Cut().Select<IReadOnlyList<NetworkLayer>, Segment>(part => (activations, phase) => Pass(part, activations, phase))];
    }

    /// <summary>One part of the forward pass; its result is new.</summary>
    public delegate Tensor Segment(Tensor activations, Phase phase);

    public NetworkArchitecture Architecture { get; }

    public Device Device { get; }

    /// <summary>The classifying layer's: <c>fc</c> in a ResNet.</summary>
    public string ClassifierName { get; }

    /// <summary>Of all layers for one image.</summary>
    public long MultiplyAdds => all.Sum(layer => layer.MultiplyAdds);

    /// <summary>Channels of the first stage: behind the first convolution of the first residual block, or of the network where it has no such block; 0 where there is no convolution.</summary>
    public int Width => layers.OfType<ResidualLayer>().FirstOrDefault()?.Width ?? (int)(parameters().FirstOrDefault(parameter => parameter.dim() == 4)?.shape[0] ?? 0);

    /// <summary>The forward pass, cut where little lives.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    public static ImageNetwork Create(NetworkArchitecture architecture, Device device, Seed seed)
    {
        var network = new ImageNetwork(architecture, device);
        using var generator = seed.TorchGenerator();
        using var scope = NewDisposeScope();
        foreach (var layer in network.all)
            layer.Initialize(generator);
        return network;
    }

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1].</param>
    /// <param name="phase">Which pass it is.</param>
    /// <returns>float32 [batch, classes] before softmax.</returns>
    public override Tensor forward(Tensor images, Phase phase)
    {
        using var scope = NewDisposeScope();
        return Segments.Aggregate(images, (activations, segment) => segment(activations, phase)).MoveToOuterDisposeScope();
    }

    /// <summary>The network as one weight update sees it.</summary>
    /// <param name="statistics">Which statistics batch normalisation uses.</param>
    /// <param name="checkpoints">Whether to save memory at the price of time.</param>
    /// <param name="precision">In which it computes; weights, their gradients and statistics are float32 in either.</param>
    /// <param name="shared">With whom batch statistics are computed together; null for nobody.</param>
    public NetworkUpdate ForUpdate(NormalizationStatistics statistics, bool checkpoints = false, Precision precision = Precision.Single, SharedStatistics? shared = null) =>
        checkpoints ? new CheckpointedUpdate(this, statistics, precision, shared) : new NetworkUpdate(this, statistics, precision, shared);

    /// <summary>
    /// Whether images of this domain, or of any where domains are not told apart, ever entered a weight update. Statistics do not tell: both domains may share them, and
    /// consistent epochs do not move them.
    /// </summary>
    public bool HasSeen(ImageDomain domain) => Architecture.Normalization.SeparatesDomains ? trained.Contains(domain) : trained.Count > 0;

    /// <summary>The domains whose images ever entered a weight update.</summary>
    public IReadOnlyCollection<ImageDomain> TrainedDomains => trained;

    /// <summary>Notes that images of this domain enter a weight update.</summary>
    public void MarkSeen(ImageDomain domain) => trained.Add(domain);

    /// <summary>
    /// A copy with its own weights, and perhaps another normalisation of the same kind: a batch network becomes a mixture with the same weights and statistics
    /// in both domains; one domain of a mixture becomes a batch network.
    /// </summary>
    /// <param name="normalization">Of the copy.</param>
    /// <param name="domain">The domain to take where the copy does not tell domains apart.</param>
    public ImageNetwork Copy(Normalization normalization, ImageDomain domain)
    {
        var copy = new ImageNetwork(Architecture with { Normalization = normalization }, Device);
        var theirs = state_dict();
        Transfer.All(theirs, copy.state_dict(), name => DomainNames.In(theirs.Keys, name, domain));
        copy.trained.UnionWith(Enum.GetValues<ImageDomain>().Where(own => HasSeen(normalization.SeparatesDomains ? own : domain)));
        return copy;
    }

    /// <summary>
    /// Takes over all weights of a shallower network where each has its place here. The residual blocks that this network has beyond those start as the identity, so both then give the
    /// same scores (Chen et al. 2016, arXiv:1511.05641, section 2.3).
    /// </summary>
    /// <returns>Whether it could; if not, nothing has changed.</returns>
    public bool GrowFrom(ImageNetwork shallower)
    {
        var (own, theirs) = (state_dict(), shallower.state_dict());
        if (!theirs.All(entry => own.TryGetValue(entry.Key, out var place) && place.shape.SequenceEqual(entry.Value.shape)))
            return false;
        Transfer.All(theirs, own.Where(entry => theirs.ContainsKey(entry.Key)).ToDictionary());
        foreach (var block in all.OfType<ResidualLayer>().Where(block => !theirs.Keys.Any(name => name.StartsWith(block.Name + '.', StringComparison.Ordinal))))
            block.StartAsShortcut();
        trained.UnionWith(shallower.trained);
        return true;
    }

    /// <summary>Before running statistics are estimated with <see cref="NormalizationStatistics.Cumulative"/>.</summary>
    public void CountBatchesAnew()
    {
        foreach (var layer in all)
            layer.CountBatchesAnew();
    }

    /// <summary>The network as it stands, lowered for attacks, evaluation and export; later updates do not reach it.</summary>
    /// <param name="domain">Whose normalisation.</param>
    /// <param name="statistics">Those of test time, or those of each batch, untracked, for an attack on the network in training.</param>
    /// <param name="precision">In which it computes.</param>
    public FrozenNetwork Freeze(ImageDomain domain, NormalizationStatistics statistics = NormalizationStatistics.Running, Precision precision = Precision.Single)
    {
        using var noGradient = no_grad();
        var exact = new FrozenNetwork(layers.Freeze(new Phase(domain, statistics)), Architecture.Image, Architecture.ClassCount);
        if (precision == Precision.Single)
            return exact;
        using (exact)
            return exact.In(precision);
    }

    private static Tensor Pass(IReadOnlyList<NetworkLayer> part, Tensor activations, Phase phase)
    {
        using var scope = NewDisposeScope();
        return part.Forward(Activations.Given(activations), phase).Values.MoveToOuterDisposeScope();
    }

    private void Add(string name, NetworkLayer layer)
    {
        all.Add(layer);
        if (layer.NamesItself)
            layer.Register(this);
        else if (name.Length > 0)
            layer.Register(NameModule.Add(this, name) ?? throw new ArgumentException($"{Architecture.Backbone} lays out '{name}' twice; expected a name of its own for each layer."));
    }
}
