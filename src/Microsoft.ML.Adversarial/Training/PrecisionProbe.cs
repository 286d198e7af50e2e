using System.Diagnostics;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Finds out whether this machine attacks this network faster in <see cref="Precision.BFloat16"/>.</summary>
internal static class PrecisionProbe
{
    /// <summary>Below it the gain is not worth coarser numbers, and a repeated run would not decide the same.</summary>
    private const double LeastGain = 1.1;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <param name="network">Not changed.</param>
    /// <param name="batchSize">Images that will be attacked at once.</param>
    /// <returns>How many times as fast it is, and what to use therefore.</returns>
    public static (double Gain, Precision Choice) Ask(ImageNetwork network, int batchSize)
    {
        using var scope = NewDisposeScope();
        var image = network.Architecture.Image;
        var images = zeros([batchSize, image.Channels, image.Height, image.Width], device: network.Device).AddInPlace(0.5);
        using var single = network.Freeze(ImageDomain.Adversarial);
        using var rounded = single.In(Precision.BFloat16);
        // Kernels are chosen and compiled on the way.
        Seconds(single, images);
        Seconds(rounded, images);
        var (slow, fast) = (new List<double>(), new List<double>());
        var begin = Stopwatch.GetTimestamp();
        do
        {
            slow.Add(Seconds(single, images));
            fast.Add(Seconds(rounded, images));
        }
        while (Stopwatch.GetElapsedTime(begin) < Time);
        // The shortest times are those that nothing else disturbed.
        var gain = slow.Min() / fast.Min();
        return (gain, gain >= LeastGain ? Precision.BFloat16 : Precision.Single);
    }

    private static double Seconds(FrozenNetwork network, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var begin = Stopwatch.GetTimestamp();
        var variable = images.detach().requires_grad_();
        var gradient = autograd.grad([network.Logits(variable).sum()], [variable])[0];
        // A GPU has done its work when a number of it is here.
        gradient.sum().cpu().item<float>();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
