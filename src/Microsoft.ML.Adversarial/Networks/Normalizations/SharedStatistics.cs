using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Batch normalisation by the statistics of all ranks' images, computed in two rounds (mean, then mean square distance from it) so that no digits are lost where the mean is far from zero. Gradients flow
/// through the sums of all ranks, so the result is that of one batch with all images.
/// </summary>
/// <param name="Group">Every rank passes through the same layers in the same order.</param>
/// <param name="Counts">Whether this rank's images count; see <see cref="ImageBatch.IsStandIn"/>.</param>
internal sealed record SharedStatistics(ProcessGroup Group, bool Counts)
{
    private ExceptionDispatchInfo? failure;

    /// <param name="values">float32 or bfloat16 [batch, channels, height, width].</param>
    /// <param name="scale">[channels].</param>
    /// <param name="shift">[channels].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>In the type of the values; and the mean and the variance without bias, float32 [channels], null where there is one value alone.</returns>
    public (Tensor Normalized, (Tensor Mean, Tensor Variance)? Moments) Normalize(Tensor values, Tensor scale, Tensor shift, double epsilon)
    {
        var channels = values.shape[1];
        double[] count = [Counts ? values.numel() / channels : 0];
        Group.Sum(count);
        if (count[0] < 2)
            return (values.to(float32).mul(scale.view(1, channels, 1, 1)).AddInPlace(shift.view(1, channels, 1, 1)).to(values.dtype), null);
        var precise = values.to(float32);
        var mean = Mean(precise, count[0]);
        var centred = precise.sub(mean.view(1, channels, 1, 1));
        var variance = Mean(centred.mul(centred), count[0]);
        var factor = variance.Plus(epsilon).rsqrt().mul(scale);
        var normalized = centred.mul(factor.view(1, channels, 1, 1)).Plus(shift.view(1, channels, 1, 1));
        return (normalized.to(values.dtype), (mean.detach(), variance.detach().Times(count[0] / (count[0] - 1))));
    }

    /// <summary>What went wrong in a sum on a loss's way back, where it could not be thrown.</summary>
    public void ThrowIfFailed() => failure?.Throw();

    /// <returns>What <paramref name="sum"/> gives; null where it, or one before it, went wrong: other ranks are not waited for again.</returns>
    public Tensor? OnWayBack(Func<Tensor> sum)
    {
        if (failure is not null)
            return null;
        try
        {
            return sum();
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
            return null;
        }
    }

    /// <summary>Of each channel, over the images of all ranks that count.</summary>
    private Tensor Mean(Tensor values, double count) => SumOfRanks.Of(values.sum([0, 2, 3]).Times(Counts ? 1 : 0), this).Times(1 / count);
}
