using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>1x1, 3x3 and 1x1 convolutions beside a shortcut.</summary>
internal sealed class TextbookBottleneck : Module<Tensor, Tensor>
{
    private const int Expansion = 4;

    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly Sequential? downsample;

    public TextbookBottleneck(int inputs, int width, int stride)
        : base(nameof(TextbookBottleneck))
    {
        var outputs = width * Expansion;
        conv1 = Conv2d(inputs, width, 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(width);
        conv3 = Conv2d(width, outputs, 1, bias: false);
        bn3 = BatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(bn1.call(conv1.call(images)));
        x = functional.relu(bn2.call(conv2.call(x)));
        x = bn3.call(conv3.call(x));
        return functional.relu(x + (downsample?.call(images) ?? images)).MoveToOuterDisposeScope();
    }
}
