using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// relu(main(x) + shortcut(x)), main being convolutions, each normalised, with ReLU between (He et al. 2016, figures 2 and 5). Basic: 3x3, 3x3.
/// Bottleneck: 1x1, 3x3, 1x1 with the stride on the 3x3. Names are torchvision's: conv1, bn1, ..., downsample.0, downsample.1.
/// </summary>
internal sealed class ResidualBlock : Module<Tensor, ImageDomain, NormalizationStatistics, Tensor>
{
    private readonly NormalizedConvolution[] main;
    private readonly NormalizedConvolution? shortcut;

    public ResidualBlock(int inputs, int width, int stride, ResNetPlan plan, Normalization normalization, Device device)
        : base(nameof(ResidualBlock))
    {
        var outputs = width * plan.Expansion;
        main = plan.IsBottleneck
            ? [Pair(inputs, width, 1, 1), Pair(width, width, 3, stride), Pair(width, outputs, 1, 1)]
            : [Pair(inputs, width, 3, stride), Pair(width, outputs, 3, 1)];
        for (var i = 0; i < main.Length; i++)
        {
            register_module($"conv{i + 1}", main[i].Convolution);
            register_module($"bn{i + 1}", main[i].Normalization);
        }

        if (stride != 1 || inputs != outputs)
        {
            shortcut = Pair(inputs, outputs, 1, stride);
            register_module("downsample", new ModuleList<Module>(shortcut.Convolution, shortcut.Normalization));
        }

        NormalizedConvolution Pair(int from, int to, int kernel, int step) => new(from, to, kernel, step, normalization, device);
    }

    /// <summary>Every block starts as the identity: the last scale of its main branch is zero (Goyal et al. 2017, section 5.1).</summary>
    public void Initialize(Generator generator)
    {
        foreach (var pair in Pairs)
            pair.Convolution.Initialize(generator);
        using var noGradient = no_grad();
        foreach (var scale in main[^1].Normalization.Scales)
            scale.zero_();
    }

    /// <summary>In-place ReLU and addition are safe: neither a convolution's nor a normalisation's gradient needs its own output.</summary>
    public override Tensor forward(Tensor images, ImageDomain domain, NormalizationStatistics statistics)
    {
        var activations = images;
        foreach (var pair in main[..^1])
            activations = pair.Forward(activations, domain, statistics).relu_();
        activations = main[^1].Forward(activations, domain, statistics);
        return activations.AddInPlace(shortcut?.Forward(images, domain, statistics) ?? images).relu_();
    }

    /// <summary>Every convolution with its normalisation.</summary>
    public IEnumerable<NormalizedConvolution> Pairs => shortcut is null ? main : [.. main, shortcut];

    public FrozenLayer Freeze(ImageDomain domain, NormalizationStatistics statistics)
    {
        var layers = new List<FrozenLayer>();
        foreach (var pair in main)
        {
            if (layers.Count > 0)
                layers.Add(new FrozenRelu());
            layers.AddRange(pair.Freeze(domain, statistics));
        }
        return new FrozenResidual(layers, [.. shortcut?.Freeze(domain, statistics) ?? []]);
    }
}
