using System.Globalization;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Ranks that do different things wait for each other, or worse, do not: they do the same, or all end.</summary>
internal sealed class RankAgreement(ProcessGroup group)
{
    private bool isOfAll;

    /// <summary>Runs what ranks do in step. What one of them alone throws ends all, since the others wait for it; what all throw is the caller's affair.</summary>
    public T InStep<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        // To be stopped is decided together.
        catch (Exception exception) when (!group.IsAlone && !isOfAll && exception is not OperationCanceledException)
        {
            group.End($"{exception.GetType().Name}: {exception.Message}");
            throw;
        }
    }

    /// <summary>Marks what every rank throws, by numbers that all have.</summary>
    public TException OfAll<TException>(TException exception)
        where TException : Exception
    {
        isOfAll = true;
        return exception;
    }

    /// <param name="identity">Of the run; null only where this process is alone.</param>
    /// <param name="checkpoint">To go on from; null for none.</param>
    /// <param name="batchesPerEpoch">As announced.</param>
    /// <exception cref="InvalidOperationException">A rank has something else in mind than rank 0.</exception>
    public void CheckSameRun(Identity? identity, string? checkpoint, int batchesPerEpoch)
    {
        if (group.IsAlone)
            return;
        Agree("another network, other options or other data", Number(identity!.Hash));
        Agree("another number of batches in an epoch", batchesPerEpoch);
        Agree("another checkpoint to go on from (all must see the same folder)", checkpoint is null ? 0 : Number(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(checkpoint)))));

        void Agree(string what, long here)
        {
            if (group.Differing(here) is { } other)
                throw OfAll(new InvalidOperationException($"Rank {other} of {group.Size} has {what} than rank 0; expected the same of all."));
        }
    }

    /// <param name="weights">Of the network.</param>
    /// <exception cref="InvalidOperationException">The weights of a rank have come apart from those of rank 0, and would never come together again.</exception>
    public void CheckSameWeights(IEnumerable<Tensor> weights)
    {
        // Not the counts of batches: a rank's stand-ins are none.
        if (!group.IsAlone && group.Differing(Number(ContentHash.Of(weights.Where(tensor => tensor.is_floating_point())))) is { } other)
        {
            throw OfAll(new InvalidOperationException(
                $"The weights of rank {other} of {group.Size} are no longer those of rank 0; expected the same after every update, on processors or GPUs of one kind."));
        }
    }

    private static long Number(string hash) => long.Parse(hash.AsSpan(0, 15), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
