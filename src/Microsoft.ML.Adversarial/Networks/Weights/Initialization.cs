using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Draws first weights on the CPU, so that they are the same on every device.</summary>
internal static class Initialization
{
    public static void Normal(Tensor parameter, double deviation, Generator generator)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        parameter.copy_(randn(parameter.shape, generator: generator).TimesInPlace(deviation));
    }
}
