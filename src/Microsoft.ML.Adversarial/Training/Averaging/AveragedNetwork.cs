using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The average of the weights of a network that learns, as a network of its own.</summary>
internal sealed class AveragedNetwork(ResidualNetwork live, WeightAveraging averaging) : IDisposable
{
    public ResidualNetwork Network { get; } = live.Copy(live.Architecture.Normalization, ImageDomain.Adversarial);

    public bool EstimatesStatistics { get; } = averaging.EstimatesStatistics && live.named_buffers().Any();

    public bool HasBegun(int epochs) => averaging.HasBegun(epochs);

    /// <param name="updates">Those done, the one just taken among them.</param>
    public void AfterUpdate(long updates) => TakeIn(averaging.ShareAfterUpdate(updates));

    /// <param name="epoch">The one just done, from 1.</param>
    public void AfterEpoch(int epoch) => TakeIn(averaging.ShareAfterEpoch(epoch));

    public void Dispose() => Network.Dispose();

    private void TakeIn(double share)
    {
        if (share == 0)
            return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (average, weights) in Network.parameters().Zip(live.parameters()))
            Mix(average, weights, share);
        foreach (var (average, statistics) in Network.buffers().Zip(live.buffers()))
        {
            // Where they are estimated in the end, their mean stands in until then.
            if (averaging.EstimatesStatistics && average.is_floating_point())
                Mix(average, statistics, share);
            else
                average.copy_(statistics);
        }
    }

    /// <summary>average = (1 - share) average + share present; a share of 1 is exact.</summary>
    private static void Mix(Tensor average, Tensor present, double share) => average.TimesInPlace(1 - share).AddScaledInPlace(present, share);
}
