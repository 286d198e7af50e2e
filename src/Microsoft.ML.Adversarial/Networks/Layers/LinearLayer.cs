using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>The classifying layer: [batch, inputs] to [batch, outputs].</summary>
internal sealed class LinearLayer(int inputs, int outputs, Device device) : NetworkLayer
{
    private readonly CountedParameter weight = new(empty(outputs, inputs, device: device)), bias = new(zeros(outputs, device: device));

    public override long MultiplyAdds => weight.numel();

    public override void Register(Module owner)
    {
        owner.register_parameter("weight", weight);
        owner.register_parameter("bias", bias);
    }

    /// <summary>N(0, 0.01), bias 0 (Xie &amp; Yuille 2020, after Goyal et al. 2017, section 5.1).</summary>
    public override void Initialize(Generator generator) => Initialization.Normal(weight, 0.01, generator);

    public override Activations Forward(Activations activations, Phase phase) => Activations.Made(functional.linear(activations.In(weight.dtype).Values, weight, bias));

    public override FrozenLayer Freeze(Phase phase) => new FrozenLinear(FrozenTensor.Plain(weight), FrozenTensor.Plain(bias));
}
