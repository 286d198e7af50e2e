using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A square convolution without bias that keeps the image size up to its stride. Not torch's own module, because that one draws its first weights from
/// the process-wide generator.
/// </summary>
internal sealed class ConvolutionLayer : Module<Tensor, Tensor>
{
    private readonly int stride, padding;

    private readonly Parameter weight;

    public ConvolutionLayer(int inputs, int outputs, int kernel, int stride, Device device)
        : base(nameof(ConvolutionLayer))
    {
        this.stride = stride;
        padding = kernel / 2;
        weight = new Parameter(empty(outputs, inputs, kernel, kernel, device: device));
        register_parameter("weight", weight);
    }

    public Parameter Weight => weight;

    /// <summary>He initialisation by fan-out: N(0, 2/(outputs kernel²)) (He et al. 2015).</summary>
    public void Initialize(Generator generator)
    {
        var fanOut = weight.shape[0] * weight.shape[2] * weight.shape[3];
        Initialization.Normal(weight, Math.Sqrt(2.0 / fanOut), generator);
    }

    public void CopyFrom(ConvolutionLayer source)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        weight.copy_(source.weight);
    }

    public override Tensor forward(Tensor images)
    {
        if (padding > 0 || stride == 1)
            return functional.conv2d(images, weight, strides: [stride, stride], padding: [padding, padding]);

        // The weight gradient of a strided 1x1 convolution with few channels writes past its workspace in libtorch 2.10's oneDNN (uxlfoundation/oneDNN
        // issue 6035): results that differ from run to run, or a crash. A plain convolution of every stride-th pixel is the same thing without that.
        var every = TensorIndex.Slice(step: stride);
        return functional.conv2d(images[TensorIndex.Colon, TensorIndex.Colon, every, every], weight);
    }

    /// <summary>The convolution alone.</summary>
    public FrozenLayer Freeze() => new FrozenConvolution(FrozenTensor.Image(weight), null, stride, padding);

    /// <summary>The convolution with what follows it folded in.</summary>
    public FrozenLayer Freeze(Tensor foldedWeight, Tensor foldedBias) =>
        new FrozenConvolution(FrozenTensor.Image(foldedWeight), FrozenTensor.Plain(foldedBias), stride, padding);
}
