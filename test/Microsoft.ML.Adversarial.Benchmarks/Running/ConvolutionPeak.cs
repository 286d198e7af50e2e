using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the machine's convolutions reach with nothing between them: forward and back to the images, channels last.</summary>
internal static class ConvolutionPeak
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(0.3);

    /// <returns>Operations per second of the fastest pass, which nothing else disturbed.</returns>
    public static double Measure(ConvolutionShape shape, Precision precision)
    {
        using var scope = NewDisposeScope();
        var images = Normal(shape.Batch, shape.Channels, shape.Size, shape.Size).requires_grad_();
        var weight = Normal(shape.Channels, shape.Channels, 3, 3);
        var gradient = Normal(shape.Batch, shape.Channels, shape.Size, shape.Size);
        var (fastest, begin) = (TimeSpan.MaxValue, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(begin) < Enough)
        {
            var start = Stopwatch.GetTimestamp();
            Pass();
            var time = Stopwatch.GetElapsedTime(start);
            fastest = time < fastest ? time : fastest;
        }
        // Two directions, a multiplication and an addition each.
        return 4 * shape.MultiplyAdds / fastest.TotalSeconds;

        Tensor Normal(params long[] size) => FrozenTensor.ChannelsLast(randn(size)).to_type(precision.Type());

        void Pass()
        {
            using var inner = NewDisposeScope();
            var output = nn.functional.conv2d(images, weight, padding: [1, 1]);
            autograd.grad([output], [images], [gradient]);
        }
    }
}
