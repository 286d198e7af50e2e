using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The one way in which weights and statistics get from one place into another: copied, converted, grown, averaged, put back or read.</summary>
internal static class Transfer
{
    /// <summary>to = (1 - share) to + share from. Whole numbers (counts of batches) are copied whatever the share, and a share of 1 is exact.</summary>
    public static void Into(Tensor to, Tensor from, double share = 1)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        if (share == 1 || !to.is_floating_point())
            to.copy_(from);
        else
            to.TimesInPlace(1 - share).AddScaledInPlace(from, share);
    }

    /// <summary>Every tensor of <paramref name="to"/> takes one of <paramref name="from"/>.</summary>
    /// <param name="from">By name.</param>
    /// <param name="to">By name.</param>
    /// <param name="nameThere">The name in <paramref name="from"/> for a name in <paramref name="to"/>; null where it is the same.</param>
    /// <param name="share">See <see cref="Into"/>.</param>
    public static void All(IReadOnlyDictionary<string, Tensor> from, IReadOnlyDictionary<string, Tensor> to, Func<string, string>? nameThere = null, double share = 1)
    {
        foreach (var (name, tensor) in to)
            Into(tensor, from[nameThere?.Invoke(name) ?? name], share);
    }
}
