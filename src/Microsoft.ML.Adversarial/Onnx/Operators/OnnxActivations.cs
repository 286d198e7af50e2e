using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>Operators between layers.</summary>
internal static class OnnxActivations
{
    public static Dictionary<string, OnnxOperator> Entries { get; } = new(StringComparer.Ordinal)
    {
        ["Relu"] = OnnxOperator.Of(inputs => inputs.MayOverwrite ? inputs[0].relu_() : inputs[0].relu()),
        ["LeakyRelu"] = OnnxOperator.Of(node => With(node.Real("alpha", 0.01f), (value, alpha) => functional.leaky_relu(value, alpha))),
        ["PRelu"] = OnnxOperator.Of(inputs => where(inputs[0].lt(zeros_like(inputs[0])), inputs[0].mul(inputs[1]), inputs[0])) with { Weights = [1] },
        ["ThresholdedRelu"] = OnnxOperator.Of(node => With(node.Real("alpha", 1), (value, alpha) => value.mul(value.IsAtMost(alpha).logical_not()))),
        ["Elu"] = OnnxOperator.Of(node => With(node.Real("alpha", 1), (value, alpha) => Elu(value, alpha))),
        ["Selu"] = OnnxOperator.Of(node =>
        {
            var (alpha, gamma) = (node.Real("alpha", 1.67326319f), node.Real("gamma", 1.05070102f));
            return inputs => Elu(inputs[0], alpha).Times(gamma);
        }),
        ["Celu"] = OnnxOperator.Of(node => With(node.Real("alpha", 1), (value, alpha) => value.relu().Plus(value.AtMost(0).Times(1 / alpha).expm1().Times(alpha)))),
        ["Sigmoid"] = OnnxOperator.OfOne(value => value.sigmoid()),
        ["HardSigmoid"] = OnnxOperator.Of(node =>
        {
            var (alpha, beta) = (node.Real("alpha", 0.2f), node.Real("beta", 0.5f));
            return inputs => inputs[0].Times(alpha).Plus(beta).AtLeast(0).AtMost(1);
        }),
        ["HardSwish"] = OnnxOperator.OfOne(value => value.mul(value.Times(1.0 / 6).Plus(0.5).AtLeast(0).AtMost(1))),
        ["Tanh"] = OnnxOperator.OfOne(value => value.tanh()),
        ["Softplus"] = OnnxOperator.OfOne(Softplus),
        ["Softsign"] = OnnxOperator.OfOne(value => value.div(value.abs().Plus(1))),
        ["Mish"] = OnnxOperator.OfOne(value => value.mul(Softplus(value).tanh())),
        ["Gelu"] = OnnxOperator.Of(node => node.OneOf("approximate", "none", "tanh") == "none"
            ? inputs => inputs[0].mul(inputs[0].Times(Math.Sqrt(0.5)).erf().Plus(1)).Times(0.5)
            : inputs => inputs[0].mul(inputs[0].Plus(inputs[0].ToThePower(3).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI)).tanh().Plus(1)).Times(0.5)),
        ["Clip"] = OnnxOperator.Of(Clip) with { HostInputs = [1, 2] },
    };

    private static Func<StepInputs, Tensor> With(double number, Func<Tensor, double, Tensor> kernel) => inputs => kernel(inputs[0], number);

    /// <summary>max(x, 0) + alpha (exp(min(x, 0)) - 1), without overflow on the side that is not taken.</summary>
    private static Tensor Elu(Tensor value, double alpha) => value.relu().Plus(value.AtMost(0).expm1().Times(alpha));

    /// <summary>log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).</summary>
    private static Tensor Softplus(Tensor value) => value.relu().Plus(value.abs().neg().exp().log1p());

    private static Func<StepInputs, Tensor> Clip(OnnxNode node)
    {
        if (!node.IsSince(11))
            return Between(node.Has("min") ? node.Real("min", 0) : null, node.Has("max") ? node.Real("max", 0) : null);
        return inputs => Between(Bound(inputs.Find(1)), Bound(inputs.Find(2)))(inputs);

        static double? Bound(Tensor? bound) => bound is null ? null : OnnxSizes.Reals(bound)[0];

        static Func<StepInputs, Tensor> Between(double? least, double? most) => inputs =>
        {
            var value = least is { } minimum ? inputs[0].AtLeast(minimum) : inputs[0];
            return (most is { } maximum ? value.AtMost(maximum) : value).to(inputs[0].dtype);
        };
    }
}
