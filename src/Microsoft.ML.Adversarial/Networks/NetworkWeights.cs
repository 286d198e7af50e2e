using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Networks;

/// <summary>A network's parameters and statistics under torchvision's names, to and from safetensors.</summary>
internal static class NetworkWeights
{
    public static void Write(Stream stream, ResidualNetwork network) =>
        SafeTensors.Write(stream, [.. network.state_dict().Select(entry => (entry.Key, entry.Value))]);

    /// <summary>Between networks of one architecture.</summary>
    public static void Copy(ResidualNetwork from, ResidualNetwork to)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (target, source) in to.state_dict().Values.Zip(from.state_dict().Values))
            target.copy_(source);
    }

    public static WeightsReport Compare(SafeTensorsHeader header, ResidualNetwork network)
    {
        var own = network.state_dict();
        var theirs = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        List<string> matching = [], reshaped = [];
        foreach (var (name, tensor) in own)
        {
            if (!theirs.TryGetValue(name, out var entry))
                continue;
            if (entry.Shape.SequenceEqual(tensor.shape))
                matching.Add(name);
            else
                reshaped.Add($"{name} [{string.Join(", ", entry.Shape)}] for [{string.Join(", ", tensor.shape)}]");
        }
        return new WeightsReport(matching, [.. own.Keys.Where(name => !theirs.ContainsKey(name))], [.. theirs.Keys.Where(name => !own.ContainsKey(name))], reshaped);
    }

    /// <summary>Takes over the tensors that <paramref name="report"/> calls matching, from float of any width or whole numbers.</summary>
    public static void Read(Stream stream, SafeTensorsHeader header, string file, ResidualNetwork network, WeightsReport report)
    {
        var own = network.state_dict();
        var wanted = report.Matching.ToHashSet(StringComparer.Ordinal);
        SafeTensors.Read(stream, header, file, (entry, tensor) =>
        {
            if (wanted.Contains(entry.Name))
                own[entry.Name].copy_(tensor);
        });
    }
}
