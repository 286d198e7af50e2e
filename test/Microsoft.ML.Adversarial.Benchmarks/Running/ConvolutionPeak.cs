using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the machine's convolutions reach with nothing between them: forward and back to the images, channels last.</summary>
internal static class ConvolutionPeak
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(0.3);

    /// <returns>Operations per second.</returns>
    public static double Measure(ConvolutionShape shape, Precision precision)
    {
        using var scope = NewDisposeScope();
        var images = Normal(shape.Batch, shape.Channels, shape.Size, shape.Size).requires_grad_();
        var weight = Normal(shape.Channels, shape.Channels, 3, 3);
        var gradient = Normal(shape.Batch, shape.Channels, shape.Size, shape.Size);
        Pass();
        var (passes, start) = (0, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(start) < Enough)
        {
            Pass();
            passes++;
        }
        return passes * 4.0 * shape.MultiplyAdds / Stopwatch.GetElapsedTime(start).TotalSeconds;

        Tensor Normal(params long[] size) => FrozenTensor.ChannelsLast(randn(size)).to_type(precision.Type());

        void Pass()
        {
            using var inner = NewDisposeScope();
            var output = nn.functional.conv2d(images, weight, padding: [1, 1]);
            autograd.grad([output], [images], [gradient]);
        }
    }
}
