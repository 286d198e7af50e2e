namespace Microsoft.ML.Adversarial;

/// <summary>The average of the weights of a network that learns, as a network of its own.</summary>
internal sealed class AveragedNetwork(ImageNetwork live, WeightAveraging averaging) : IDisposable
{
    public ImageNetwork Network { get; } = live.Copy(live.Architecture.Normalization, ImageDomain.Adversarial);

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
        // Where statistics are estimated in the end, their mean stands in until then; otherwise they are the network's own.
        Transfer.All(live.state_dict(), Network.state_dict(), share: share);
        if (!averaging.EstimatesStatistics)
            Transfer.All(live.named_buffers().ToDictionary(), Network.named_buffers().ToDictionary());
    }
}
