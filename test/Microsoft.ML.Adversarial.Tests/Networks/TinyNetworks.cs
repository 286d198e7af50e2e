using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>One small network of every kind, and images for it; everything from seeds.</summary>
internal static class TinyNetworks
{
    public const string Plain = "three stages, depth 8, grey", Mixture = "mixture", Group = "group";

    private static readonly Dictionary<string, NetworkArchitecture> Kinds = new()
    {
        [Plain] = Tiny(8, 1, 16, 16, 2),
        ["three stages, depth 14, colour, 20 x 28"] = Tiny(14, 3, 20, 28, 5),
        ["three stages, above 64 pixels, odd size"] = Tiny(8, 1, 67, 33, 3, NetworkFamily.ThreeStage),
        ["four stages, basic, small stem"] = Tiny(18, 3, 32, 32, 10),
        ["four stages, basic, large stem, odd size"] = Tiny(18, 1, 65, 47, 4),
        ["four stages, bottleneck, small stem"] = Tiny(50, 3, 64, 64, 3, NetworkFamily.FourStage),
        ["four stages, bottleneck, large stem, other scaling"] = Tiny(50, 3, 80, 70, 7) with { Pixels = new PixelNormalization([0.4], [0.25]) },
        ["three stages, scaling by channel"] = Tiny(8, 3, 20, 20, 3) with { Pixels = PixelNormalization.ImageNet },
        [Mixture] = Normalized(Normalization.MixtureBatch),
        ["mixture, shared affine"] = Normalized(Normalization.MixtureBatch with { SharesAffine = true }),
        ["mixture, shared statistics"] = Normalized(Normalization.MixtureBatch with { SharesStatistics = true }),
        [Group] = Normalized(Normalization.Group with { Groups = 4 }),
        ["none"] = Normalized(Normalization.None),
        ["three stages, SiLU"] = Of(new ResNet(8) { Width = 8, Activation = Activation.Silu }),
        ["four stages, large stem, Softplus"] = Of(new ResNet(18) { Width = 8, Activation = Activation.Softplus }, size: 66),
        ["pre-activation, basic"] = Of(new PreActResNet(18) { Width = 8 }),
        ["pre-activation, bottleneck, SiLU"] = Of(new PreActResNet(50) { Width = 4, Activation = Activation.Silu }, size: 24),
        ["pre-activation, group, Softplus"] = Of(new PreActResNet(18) { Width = 8, Activation = Activation.Softplus }) with { Normalization = Normalization.Group with { Groups = 4 } },
        ["wide"] = Of(new WideResNet(16, 1)),
        ["wide, mixture, SiLU, padded at the end"] = Of(new WideResNet(10, 1) { Activation = Activation.Silu, PadsAtEnd = true }) with { Normalization = Normalization.MixtureBatch },
        ["wide, padded at the end, odd size"] = Of(new WideResNet(10, 1) { PadsAtEnd = true }) with { Image = new ImageShape(1, 21, 14) },
        ["wide, none, Softplus"] = Of(new WideResNet(16, 1) { Activation = Activation.Softplus }) with { Normalization = Normalization.None },
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    /// <summary>The smallest networks, one of each normalisation.</summary>
    public static TheoryData<string> NamesByNormalization => [.. Kinds.Where(kind => kind.Value.Backbone is ResNet { Depth: 8, Activation: Activation.Relu } && kind.Value.Image.Height == 16).Select(kind => kind.Key)];

    /// <summary>These, and one of each other backbone and activation.</summary>
    public static TheoryData<string> NamesOfSmall =>
        [.. NamesByNormalization.Select(row => row.Data), .. Kinds.Where(kind => kind.Value.Backbone is PreActResNet { Depth: 18 } or WideResNet or ResNet { Depth: 8, Activation: not Activation.Relu }).Select(kind => kind.Key)];

    public static NetworkArchitecture Architecture(string kind) => Kinds[kind];

    /// <summary>The domains in which a network differs: one where its normalisation does not tell domains apart.</summary>
    public static IReadOnlyList<ImageDomain> Domains(string kind) =>
        Kinds[kind].Normalization.SeparatesDomains ? Enum.GetValues<ImageDomain>() : [ImageDomain.Adversarial];

    /// <summary>As it is before training: the last scale of each block is zero.</summary>
    public static ImageNetwork Fresh(string kind, int seed = 1) => ImageNetwork.Create(Kinds[kind], CPU, new Seed((ulong)seed));

    /// <summary>
    /// As if trained: scales and shifts at random, running statistics of each domain moved by some batches of its own, and a classifier whose logits are of order 1 and favour no class, so that each of them matters.
    /// </summary>
    public static ImageNetwork Trained(string kind, int seed = 1)
    {
        var network = Fresh(kind, seed);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Seed((ulong)seed).For("trained").TorchGenerator();
        foreach (var (name, parameter) in network.named_parameters())
        {
            // A convolution that ends a block where nothing normalises starts at zero.
            if (parameter.dim() == 4 && parameter.abs().max().item<float>() == 0)
                Initialization.Normal(parameter, 0.05, generator);
            if (parameter.dim() != 1)
                continue;
            var lowest = name.EndsWith("weight", StringComparison.Ordinal) ? 0.5 : -0.5;
            parameter.copy_(rand(parameter.shape, generator: generator).Plus(lowest));
        }
        foreach (var domain in Domains(kind))
        {
            // Darker clean images: the domains' statistics differ by more than chance.
            for (var batch = 0; batch < 6; batch++)
                network.call(Images(kind, 6, seed: 100 + batch).Times(domain == ImageDomain.Clean ? 0.5 : 1), new Phase(domain, NormalizationStatistics.Batch));
        }
        var logits = network.call(Images(kind, 8), new Phase(ImageDomain.Adversarial, NormalizationStatistics.Running));
        var centred = logits - logits.mean([0], keepdim: true);
        network.get_parameter($"{network.ClassifierName}.bias")!.sub_(logits.mean([0])).div_(centred.std());
        network.get_parameter($"{network.ClassifierName}.weight")!.div_(centred.std());
        return network;
    }

    /// <summary>float32 [count, channels, height, width] uniform in [0, 1], each image with a brightness and a contrast of its own.</summary>
    public static Tensor Images(string kind, int count, int seed = 1) => Images(Kinds[kind].Image, count, seed);

    public static Tensor Images(ImageShape shape, int count, int seed = 1)
    {
        using var scope = NewDisposeScope();
        using var generator = new Seed((ulong)seed).For("images").TorchGenerator();
        var contrast = rand([count, 1, 1, 1], generator: generator);
        var brightness = rand([count, 1, 1, 1], generator: generator) * (ones_like(contrast) - contrast);
        var noise = rand([count, shape.Channels, shape.Height, shape.Width], generator: generator);
        return (noise * contrast).Plus(brightness).MoveToOuterDisposeScope();
    }

    /// <summary>int64 [count]: 0, 1, ..., classes - 1, 0, 1, ...</summary>
    public static Tensor Labels(string kind, int count) =>
        tensor(Enumerable.Range(0, count).Select(index => (long)(index % Kinds[kind].ClassCount)).ToArray());

    /// <summary>One epoch of labelled images in batches of the given sizes.</summary>
    public static IEnumerable<ImageBatch> Batches(string kind, params int[] sizes) =>
        sizes.Select((size, number) => new ImageBatch(Images(kind, size, seed: 50 + number), Labels(kind, size), [.. Enumerable.Range(0, size)]));

    /// <summary>Every parameter and buffer, copied out of torch.</summary>
    public static Dictionary<string, byte[]> State(ImageNetwork network)
    {
        using var scope = NewDisposeScope();
        return network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().cpu().contiguous().bytes.ToArray());
    }

    /// <summary>The largest difference, as a share of the largest expected value where that is above 1.</summary>
    public static double Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected - actual).abs().max().item<float>() / (double)Math.Max(1, expected.abs().max().item<float>());
        return double.IsNaN(difference) ? double.PositiveInfinity : difference;
    }

    private static NetworkArchitecture Normalized(Normalization normalization) =>
        Tiny(8, 3, 16, 16, 4) with { Backbone = new ResNet(8) { Width = 8 }, Normalization = normalization };

    private static NetworkArchitecture Of(Backbone backbone, int size = 16) => new() { Backbone = backbone, Image = new ImageShape(3, size, size), ClassCount = 4 };

    private static NetworkArchitecture Tiny(int depth, int channels, int height, int width, int classes, NetworkFamily family = NetworkFamily.Automatic) =>
        new() { Backbone = new ResNet(depth) { Width = 16, Family = family }, Image = new ImageShape(channels, height, width), ClassCount = classes };
}
