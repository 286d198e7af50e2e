using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a network costs, known before it is made.</summary>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="MultiplyAdds">Of all convolutions and the classifying layer for one image: what papers on networks call FLOPs.</param>
/// <param name="Width">Channels of its first stage.</param>
internal sealed record NetworkCost(long Parameters, long MultiplyAdds, int Width)
{
    /// <summary>Read from the network laid out without memory.</summary>
    /// <exception cref="ArgumentException">There is no such network for such images.</exception>
    public static NetworkCost Of(NetworkArchitecture architecture)
    {
        using var network = new ImageNetwork(architecture, META);
        return new NetworkCost(network.parameters().Sum(parameter => parameter.numel()), network.MultiplyAdds, network.Width);
    }
}
