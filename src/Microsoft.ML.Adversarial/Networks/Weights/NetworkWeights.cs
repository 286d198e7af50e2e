using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network's parameters and statistics under torchvision's names, to and from safetensors.</summary>
internal static class NetworkWeights
{
    public static void Write(Stream stream, ImageNetwork network) =>
        SafeTensors.Write(stream, Named(network));

    /// <summary>As a file that stands alone and says of which network it is, by the names that a checkpoint has for it.</summary>
    public static void WriteSealed(Stream stream, ImageNetwork network)
    {
        var identity = new Identity(typeof(NetworkWeights));
        identity.Add("network", network.Architecture);
        SafeTensors.WriteSealed(stream, Named(network), identity.Entries);
    }

    /// <param name="file">Of any format.</param>
    /// <param name="network">Not changed; may be on the meta device.</param>
    /// <param name="nameInFile">The file's name for a tensor of the network; null where it is the same. Several of the network may share one of the file.</param>
    public static WeightsReport Compare(WeightsFile file, ImageNetwork network, Func<string, string>? nameInFile = null)
    {
        var theirs = file.Shapes;
        var matching = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> missing = [];
        List<ReshapedTensor> reshaped = [];
        var unexpected = theirs.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, tensor) in network.state_dict())
        {
            var inFile = nameInFile?.Invoke(name) ?? name;
            unexpected.Remove(inFile);
            if (!theirs.TryGetValue(inFile, out var shape))
                missing.Add(name);
            else if (shape.SequenceEqual(tensor.shape))
                matching.Add(name, inFile);
            else
                reshaped.Add(new ReshapedTensor(name, shape, tensor.shape));
        }
        return new WeightsReport(matching, missing, [.. theirs.Keys.Where(name => unexpected.Contains(name) && file.IsWeight(name))], reshaped);
    }

    private static (string Name, Tensor Tensor)[] Named(ImageNetwork network) => [.. network.state_dict().Select(entry => (entry.Key, entry.Value))];

    /// <summary>Takes over the tensors that <paramref name="report"/> calls matching, from float of any width or whole numbers.</summary>
    public static void Read(WeightsFile file, ImageNetwork network, WeightsReport report)
    {
        var own = network.state_dict();
        var takers = report.Matching.ToLookup(pair => pair.Value, pair => own[pair.Key], StringComparer.Ordinal);
        file.Read((name, tensor) =>
        {
            foreach (var taker in takers[name])
                Transfer.Into(taker, tensor);
        });
    }
}
