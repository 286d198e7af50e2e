namespace Microsoft.ML.Adversarial;

/// <summary>Which weights of a file a network may start from: those of the same layers, perhaps for other classes, perhaps of a network that does not tell domains apart.</summary>
internal static class FineTuning
{
    private const string Weight = "fc.weight", Bias = "fc.bias";

    private static readonly string[] DomainParts =
        [.. Enum.GetNames<ImageDomain>().Select(domain => $".{domain.ToLowerInvariant()}.")];

    /// <returns>
    /// Where complete: the network's normalisation takes for each domain what the file has for it, or what a file of a batch network has for all; a last layer of
    /// another class count is left out, and so are batch counts that the file lacks, as torchvision's old files do.
    /// </returns>
    public static WeightsReport Compare(SafeTensorsHeader header, ResidualNetwork network)
    {
        var tellsDomainsApart = header.Entries.Any(entry => entry.Name != WithoutDomain(entry.Name));
        var report = NetworkWeights.Compare(header, network, tellsDomainsApart ? null : WithoutDomain);
        report = report with { Missing = [.. report.Missing.Where(name => !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))] };
        return OtherClasses(report) is { } classes
            ? report with { ReplacedClasses = classes, Reshaped = [.. report.Reshaped.Where(tensor => tensor.Name is not (Weight or Bias))] }
            : report;
    }

    private static string WithoutDomain(string name) => DomainParts.Aggregate(name, (plain, part) => plain.Replace(part, ".", StringComparison.Ordinal));

    /// <summary>The classes of the file's last layer where it differs from the network's in nothing else; otherwise null.</summary>
    private static long? OtherClasses(WeightsReport report)
    {
        var weight = report.Reshaped.FirstOrDefault(tensor => tensor.Name == Weight);
        var bias = report.Reshaped.FirstOrDefault(tensor => tensor.Name == Bias);
        return weight is { InFile: [var classes, var inputs], Expected: [_, var expectedInputs] } && bias is { InFile: [var biases] }
            && inputs == expectedInputs && biases == classes
            ? classes
            : null;
    }
}
