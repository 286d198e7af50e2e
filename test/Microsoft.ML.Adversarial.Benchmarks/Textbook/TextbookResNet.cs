using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The library's ResNet as people write it with TorchSharp's modules: convolution, batch normalisation and ReLU one after another, in the default layout.</summary>
internal sealed class TextbookResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly List<Sequential> stages = [];
    private readonly Linear fc;
    private readonly bool hasLargeStem;

    public TextbookResNet(NetworkArchitecture architecture)
        : base(nameof(TextbookResNet))
    {
        var plan = ResNetTable.Plan((ResNet)architecture.Backbone, architecture.Image);
        hasLargeStem = plan.HasLargeStem;
        var kernel = hasLargeStem ? 7 : 3;
        conv1 = Conv2d(architecture.Image.Channels, plan.Widths[0], kernel, stride: hasLargeStem ? 2 : 1, padding: kernel / 2, bias: false);
        bn1 = BatchNorm2d(plan.Widths[0]);
        var channels = plan.Widths[0];
        for (var stage = 0; stage < plan.Blocks.Length; stage++)
        {
            var blocks = new List<Module<Tensor, Tensor>>();
            for (var block = 0; block < plan.Blocks[stage]; block++)
            {
                var stride = stage > 0 && block == 0 ? 2 : 1;
                blocks.Add(plan.IsBottleneck ? new TextbookBottleneck(channels, plan.Widths[stage], stride) : new TextbookBlock(channels, plan.Widths[stage], stride));
                channels = plan.Widths[stage] * plan.Expansion;
            }
            stages.Add(Sequential([.. blocks]));
            register_module($"layer{stage + 1}", stages[^1]);
        }
        fc = Linear(channels, architecture.ClassCount);
        RegisterComponents();
    }

    /// <exception cref="InvalidOperationException">The textbook network is another than the library's.</exception>
    public static TextbookResNet Of(ImageNetwork network)
    {
        var textbook = new TextbookResNet(network.Architecture);
        var (own, theirs) = (textbook.state_dict(), network.state_dict());
        if (!own.Keys.ToHashSet().SetEquals(theirs.Keys))
            throw new InvalidOperationException($"The networks differ in {string.Join(", ", own.Keys.Except(theirs.Keys).Concat(theirs.Keys.Except(own.Keys)))}.");
        Transfer.All(theirs, own);
        return textbook;
    }

    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(bn1.call(conv1.call(images * 2 - 1)));
        if (hasLargeStem)
            x = functional.max_pool2d(x, kernel_size: 3, stride: 2, padding: 1);
        foreach (var stage in stages)
            x = stage.call(x);
        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }
}
