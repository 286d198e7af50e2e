using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>The largest activation in each square window.</summary>
internal sealed class MaxPoolLayer(int kernel, int stride, int padding) : NetworkLayer
{
    public override Activations Forward(Activations activations, Phase phase) => Activations.Made(functional.max_pool2d(activations.Values, kernel, stride, padding));

    public override FrozenLayer Freeze(Phase phase) => new FrozenMaxPool(kernel, stride, padding);
}
