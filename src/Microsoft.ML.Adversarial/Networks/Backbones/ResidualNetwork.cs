using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A residual network with its weights. Parameters bear torchvision's names (conv1.weight, bn1.weight, layer1.0.conv1.weight, ..., fc.bias). It holds no
/// mode: the domain and the statistics to use come with every forward pass, so nothing has to be restored.
/// </summary>
internal sealed class ResidualNetwork : Module<Tensor, ImageDomain, NormalizationStatistics, Tensor>
{
    private readonly ResNetPlan plan;
    private readonly NormalizedConvolution stem;
    private readonly List<ResidualBlock> blocks = [];
    private readonly LinearLayer classifier;
    private readonly HashSet<ImageDomain> trained = [];

    /// <summary>Lays the network out with undefined weights; see <see cref="Initialize"/>.</summary>
    public ResidualNetwork(NetworkArchitecture architecture, Device device)
        : base(nameof(ResidualNetwork))
    {
        Architecture = architecture;
        Device = device;
        plan = ResNetTable.Plan(architecture);

        var stemWidth = plan.Widths[0];
        stem = new NormalizedConvolution(
            architecture.Image.Channels, stemWidth, plan.HasLargeStem ? 7 : 3, plan.HasLargeStem ? 2 : 1, architecture.Normalization, device);
        register_module("conv1", stem.Convolution);
        register_module("bn1", stem.Normalization);

        var inputs = stemWidth;
        for (var stage = 0; stage < plan.Blocks.Length; stage++)
        {
            var layer = new ModuleList<ResidualBlock>();
            for (var i = 0; i < plan.Blocks[stage]; i++)
            {
                layer.Add(new ResidualBlock(inputs, plan.Widths[stage], stride: stage > 0 && i == 0 ? 2 : 1, plan, architecture.Normalization, device));
                inputs = plan.Widths[stage] * plan.Expansion;
            }
            blocks.AddRange(layer);
            register_module($"layer{stage + 1}", layer);
        }

        classifier = new LinearLayer(inputs, architecture.ClassCount, device);
        register_module("fc", classifier);
        Segments = [Stem, .. blocks.Select<ResidualBlock, Segment>(block => block.call), (activations, _, _) => Head(activations)];
    }

    /// <summary>One part of the forward pass; its result is new.</summary>
    public delegate Tensor Segment(Tensor activations, ImageDomain domain, NormalizationStatistics statistics);

    public NetworkArchitecture Architecture { get; }

    public Device Device { get; }

    /// <summary>The forward pass, cut where the least lives: the stem, each residual block, and the classifying layer.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    public static ResidualNetwork Create(NetworkArchitecture architecture, Device device, Seed seed)
    {
        var network = new ResidualNetwork(architecture, device);
        using var generator = seed.TorchGenerator();
        using var scope = NewDisposeScope();
        network.Initialize(generator);
        return network;
    }

    /// <param name="images">float32 [batch, channels, height, width] in [0, 1].</param>
    /// <param name="domain">Whose normalisation to pass through.</param>
    /// <param name="statistics">Which statistics batch normalisation uses.</param>
    /// <returns>float32 [batch, classes] before softmax.</returns>
    public override Tensor forward(Tensor images, ImageDomain domain, NormalizationStatistics statistics)
    {
        using var scope = NewDisposeScope();
        return Segments.Aggregate(images, (activations, segment) => segment(activations, domain, statistics)).MoveToOuterDisposeScope();
    }

    /// <summary>The network as one weight update sees it.</summary>
    /// <param name="statistics">Which statistics batch normalisation uses.</param>
    /// <param name="checkpoints">Whether to save memory at the price of time.</param>
    public NetworkUpdate ForUpdate(NormalizationStatistics statistics, bool checkpoints = false) =>
        checkpoints ? new CheckpointedUpdate(this, statistics) : new NetworkUpdate(this, statistics);

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
    public ResidualNetwork Copy(Normalization normalization, ImageDomain domain)
    {
        var copy = new ResidualNetwork(Architecture with { Normalization = normalization }, Device);
        foreach (var (target, source) in copy.Pairs.Zip(Pairs))
            target.CopyFrom(source, domain);
        copy.classifier.CopyFrom(classifier);
        copy.trained.UnionWith(Enum.GetValues<ImageDomain>().Where(own => HasSeen(normalization.SeparatesDomains ? own : domain)));
        return copy;
    }

    /// <summary>
    /// Takes over all weights of a shallower network where each has its place here. The blocks that this network has beyond those start as the identity, so both then give the
    /// same scores (Chen et al. 2016, arXiv:1511.05641, section 2.3).
    /// </summary>
    /// <returns>Whether it could; if not, nothing has changed.</returns>
    public bool GrowFrom(ResidualNetwork shallower)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (own, theirs) = (state_dict(), shallower.state_dict());
        if (!theirs.All(entry => own.TryGetValue(entry.Key, out var place) && place.shape.SequenceEqual(entry.Value.shape)))
            return false;
        foreach (var (name, tensor) in theirs)
            own[name].copy_(tensor);
        trained.UnionWith(shallower.trained);
        return true;
    }

    /// <summary>Before running statistics are estimated with <see cref="NormalizationStatistics.Cumulative"/>.</summary>
    public void CountBatchesAnew()
    {
        foreach (var pair in Pairs)
            pair.Normalization.CountBatchesAnew();
    }

    /// <summary>The network as it stands, lowered for attacks, evaluation and export; later updates do not reach it.</summary>
    /// <param name="domain">Whose normalisation.</param>
    /// <param name="statistics">Those of test time, or those of each batch, untracked, for an attack on the network in training.</param>
    public FrozenNetwork Freeze(ImageDomain domain, NormalizationStatistics statistics = NormalizationStatistics.Running)
    {
        using var noGradient = no_grad();
        var layers = new List<FrozenLayer>();
        layers.Add(FreezePixels());
        layers.AddRange(stem.Freeze(domain, statistics));
        layers.Add(new FrozenRelu());
        if (plan.HasLargeStem)
            layers.Add(new FrozenMaxPool(3, 2, 1));
        layers.AddRange(blocks.Select(block => block.Freeze(domain, statistics)));
        layers.Add(new FrozenGlobalPool());
        layers.Add(classifier.Freeze());
        return new FrozenNetwork(layers, Architecture.Image, Architecture.ClassCount);
    }

    private IEnumerable<NormalizedConvolution> Pairs => blocks.SelectMany(block => block.Pairs).Prepend(stem);

    private void Initialize(Generator generator)
    {
        stem.Convolution.Initialize(generator);
        foreach (var block in blocks)
            block.Initialize(generator);
        classifier.Initialize(generator);
    }

    private Tensor Stem(Tensor images, ImageDomain domain, NormalizationStatistics statistics)
    {
        using var scope = NewDisposeScope();
        var activations = stem.Forward(Normalized(FrozenTensor.ChannelsLast(images)), domain, statistics).relu_();
        return (plan.HasLargeStem ? functional.max_pool2d(activations, 3, 2, 1) : activations).MoveToOuterDisposeScope();
    }

    private Tensor Normalized(Tensor pixels)
    {
        if (Architecture.Pixels.Uniform is { } uniform)
            return pixels.Times(uniform.Scale).AddInPlace(uniform.Shift);
        var (scale, shift) = Architecture.Pixels.PerChannel(Device);
        return pixels.mul(scale).AddInPlace(shift);
    }

    private FrozenLayer FreezePixels()
    {
        if (Architecture.Pixels.Uniform is { } uniform)
            return new FrozenScale((float)uniform.Scale, (float)uniform.Shift);
        using var scope = NewDisposeScope();
        var (scale, shift) = Architecture.Pixels.PerChannel(Device);
        return new FrozenChannelScale(scale.DetachFromDisposeScope(), shift.DetachFromDisposeScope());
    }

    private Tensor Head(Tensor activations)
    {
        using var scope = NewDisposeScope();
        return classifier.call(activations.mean([2, 3])).MoveToOuterDisposeScope();
    }
}
