using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>The classifying layer: [batch, inputs] to [batch, outputs].</summary>
internal sealed class LinearLayer : Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;

    public LinearLayer(int inputs, int outputs, Device device)
        : base(nameof(LinearLayer))
    {
        weight = new Parameter(empty(outputs, inputs, device: device));
        bias = new Parameter(zeros(outputs, device: device));
        register_parameter("weight", weight);
        register_parameter("bias", bias);
    }

    /// <summary>N(0, 0.01), bias 0 (Xie &amp; Yuille 2020, after Goyal et al. 2017, section 5.1).</summary>
    public void Initialize(Generator generator) => Initialization.Normal(weight, 0.01, generator);

    public void CopyFrom(LinearLayer source)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        weight.copy_(source.weight);
        bias.copy_(source.bias);
    }

    public override Tensor forward(Tensor features) => functional.linear(features, weight, bias);

    public FrozenLayer Freeze() => new FrozenLinear(FrozenTensor.Plain(weight), FrozenTensor.Plain(bias));
}
