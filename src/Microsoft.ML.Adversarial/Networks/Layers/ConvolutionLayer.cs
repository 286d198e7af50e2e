using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A square convolution without bias. Not torch's own module, because that one draws its first weights from
/// the process-wide generator.
/// </summary>
internal sealed class ConvolutionLayer(int inputs, int outputs, int kernel, int stride, int padding, long outputPixels, Device device) : NetworkLayer
{
    private readonly CountedParameter weight = new(empty(outputs, inputs, kernel, kernel, device: device));

    public int Outputs => outputs;

    public Tensor Weight => weight;

    /// <summary>Its weights times the pixels of its output.</summary>
    public override long MultiplyAdds => weight.numel() * outputPixels;

    public override void Register(Module owner) => owner.register_parameter("weight", weight);

    /// <summary>He initialisation by fan-out: N(0, 2/(outputs kernel²)) (He et al. 2015).</summary>
    public override void Initialize(Generator generator)
    {
        var fanOut = weight.shape[0] * weight.shape[2] * weight.shape[3];
        Initialization.Normal(weight, Math.Sqrt(2.0 / fanOut), generator);
    }

    public override Activations Forward(Activations activations, Phase phase)
    {
        // The weights that are kept are float32: their gradient passes through the rounding.
        var type = phase.Precision.Type();
        return Activations.Made(Convolution.Of(activations.Values, weight.dtype == type ? weight : weight.to(type), null, [stride, stride], [padding, padding]));
    }

    public override FrozenLayer Freeze(Phase phase) => new FrozenConvolution(FrozenTensor.Image(weight), null, stride, padding);
}
