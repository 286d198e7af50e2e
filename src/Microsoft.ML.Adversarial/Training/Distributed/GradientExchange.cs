using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Makes one update of those of all ranks: the loss is the sum of all over the weight of all, gradients are summed, and running statistics become the mean over all images. Alone there is nothing to do.
/// </summary>
internal sealed class GradientExchange(ImageNetwork network, ProcessGroup group) : IDisposable
{
    /// <summary>Numbers that travel together, 32 MB: large enough that starting costs nothing, small beside the weights of large networks.</summary>
    private const long BucketNumbers = 8 << 20;

    private Tensor? bucket;
    private double share = 1;

    /// <summary>What this rank is to go back from, so that the gradients of all add up to those of the mean.</summary>
    /// <param name="loss">Of this rank's images.</param>
    /// <param name="images">How many images this rank has, for the running statistics.</param>
    /// <returns>The part, differentiable, and the mean over all ranks.</returns>
    public (Tensor Part, double Mean) MeanOf(LossSum loss, long images)
    {
        if (group.IsAlone)
        {
            var mean = loss.Mean();
            return (mean, mean.detach().cpu().item<float>());
        }
        double[] all = [loss.Sum.detach().cpu().item<float>(), loss.Weight, images];
        group.Sum(all);
        share = images / all[2];
        return (loss.Sum.Times(all[1] > 0 ? 1 / all[1] : 0), all[1] > 0 ? all[0] / all[1] : 0);
    }

    /// <summary>Every gradient becomes the sum of all ranks'; where a rank has none, as of weights that its images do not pass through, it counts as zero.</summary>
    public void SumGradients()
    {
        if (group.IsAlone)
            return;
        using var noGradient = no_grad();
        var parameters = network.parameters().ToArray();
        long[] present = [.. parameters.Select(parameter => parameter.grad is null ? 0L : 1)];
        group.Sum(present);
        var summed = parameters.Where((_, i) => present[i] > 0).ToArray();
        foreach (var parameter in summed)
            parameter.grad ??= zeros_like(parameter).DetachFromDisposeScope();
        Sum([.. summed.Select(parameter => parameter.grad!)]);
    }

    /// <summary>Running statistics of all ranks become the mean over the images of the last update.</summary>
    public void AverageStatistics() => AverageStatistics(share);

    /// <param name="weight">Of this rank's; those of all add up to 1.</param>
    public void AverageStatistics(double weight)
    {
        if (group.IsAlone)
            return;
        using var noGradient = no_grad();
        Tensor[] statistics = [.. network.buffers().Where(buffer => buffer.is_floating_point())];
        foreach (var statistic in statistics)
            statistic.TimesInPlace(weight);
        Sum(statistics);
    }

    /// <summary>All ranks have the weights and statistics of rank 0.</summary>
    public void TakeWeightsOfFirst()
    {
        if (group.IsAlone)
            return;
        using var noGradient = no_grad();
        Tensor[] numbers = [.. network.state_dict().Values.Where(tensor => tensor.is_floating_point())];
        if (!group.IsFirst)
        {
            foreach (var tensor in numbers)
                tensor.zero_();
        }
        Sum(numbers);
    }

    public void Dispose() => bucket?.Dispose();

    /// <summary>As many as fit go into a bucket; a larger one goes alone.</summary>
    private void Sum(Tensor[] tensors)
    {
        var first = 0;
        while (first < tensors.Length)
        {
            var (count, numbers) = (0, 0L);
            while (first + count < tensors.Length && (count == 0 || numbers + tensors[first + count].numel() <= BucketNumbers))
                numbers += tensors[first + count++].numel();
            Sum(tensors.Skip(first).Take(count), numbers);
            first += count;
        }
    }

    private void Sum(IEnumerable<Tensor> tensors, long numbers)
    {
        using var scope = NewDisposeScope();
        if (bucket is null || bucket.numel() < numbers)
        {
            bucket?.Dispose();
            bucket = empty([numbers], float32).DetachFromDisposeScope();
        }
        var places = new List<(Tensor Tensor, Tensor Place)>();
        var begin = 0L;
        foreach (var tensor in tensors)
        {
            var place = bucket.narrow(0, begin, tensor.numel()).view(tensor.shape);
            place.copy_(tensor);
            places.Add((tensor, place));
            begin += tensor.numel();
        }
        group.Sum(bucket.narrow(0, 0, numbers));
        foreach (var (tensor, place) in places)
            tensor.copy_(place);
    }
}
