namespace Microsoft.ML.Adversarial;

/// <summary>Which weights of a file a network may start from: those of the same layers, perhaps for other classes, perhaps of a network that does not tell domains apart.</summary>
internal static class FineTuning
{
    /// <returns>
    /// Where complete: the network's normalisation takes for each domain what the file has for it, or what a file of a batch network has for all; a last layer of
    /// another class count is left out, or one that the file lacks, and so are batch counts that the file lacks, as torchvision's old files do.
    /// </returns>
    public static WeightsReport Compare(WeightsFile file, ImageNetwork network)
    {
        var tellsDomainsApart = file.Shapes.Keys.Any(name => name != DomainNames.Without(name));
        var report = NetworkWeights.Compare(file, network, tellsDomainsApart ? null : DomainNames.Without);
        report = report with { Missing = [.. report.Missing.Where(name => !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))] };
        string[] last = [$"{network.ClassifierName}.weight", $"{network.ClassifierName}.bias"];
        if (last.All(report.Missing.Contains))
            return report with { HasNoLastLayer = true, Missing = [.. report.Missing.Except(last)] };
        return OtherClasses(report, last) is { } classes
            ? report with { ReplacedClasses = classes, Reshaped = [.. report.Reshaped.Where(tensor => !last.Contains(tensor.Name))] }
            : report;
    }

    /// <summary>The classes of the file's last layer where it differs from the network's in nothing else; otherwise null.</summary>
    private static long? OtherClasses(WeightsReport report, string[] last)
    {
        var weight = report.Reshaped.FirstOrDefault(tensor => tensor.Name == last[0]);
        var bias = report.Reshaped.FirstOrDefault(tensor => tensor.Name == last[1]);
        return weight is { InFile: [var classes, var inputs], Expected: [_, var expectedInputs] } && bias is { InFile: [var biases] }
            && inputs == expectedInputs && biases == classes
            ? classes
            : null;
    }
}
