using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Two 3x3 convolutions beside a shortcut.</summary>
internal sealed class TextbookBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly Sequential? downsample;

    public TextbookBlock(int inputs, int outputs, int stride)
        : base(nameof(TextbookBlock))
    {
        conv1 = Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(outputs);
        conv2 = Conv2d(outputs, outputs, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(outputs);
        if (stride != 1 || inputs != outputs)
            downsample = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var x = functional.relu(bn1.call(conv1.call(images)));
        x = bn2.call(conv2.call(x));
        return functional.relu(x + (downsample?.call(images) ?? images)).MoveToOuterDisposeScope();
    }
}
