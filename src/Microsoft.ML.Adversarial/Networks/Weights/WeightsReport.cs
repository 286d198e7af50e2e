namespace Microsoft.ML.Adversarial;

/// <summary>How the tensors of a weights file fit a network.</summary>
/// <param name="Matching">Names of the network for which the file has a tensor of the same shape, and the file's name for each.</param>
/// <param name="Missing">Names of the network that the file lacks.</param>
/// <param name="Unexpected">Names of the file that the network lacks.</param>
/// <param name="Reshaped">Names that both have with different shapes.</param>
internal sealed record WeightsReport(
    IReadOnlyDictionary<string, string> Matching, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<ReshapedTensor> Reshaped)
{
    private const int Shown = 5;

    /// <summary>The number of classes that the file's last layer tells apart, where that is why the network keeps its own; otherwise null.</summary>
    public long? ReplacedClasses { get; init; }

    /// <summary>Whether the file ends before the last layer, so that the network keeps its own.</summary>
    public bool HasNoLastLayer { get; init; }

    /// <summary>Every tensor of the file has its place and the other way round, but for a last layer of other classes, or none.</summary>
    public bool IsComplete => Missing.Count + Unexpected.Count + Reshaped.Count == 0;

    public override string ToString()
    {
        var parts = new[] { ("missing", Missing), ("unexpected", Unexpected), ("of another shape", [.. Reshaped.Select(tensor => tensor.ToString())]) };
        return (IsComplete, ReplacedClasses) switch
        {
            (true, null) when HasNoLastLayer => $"{Matching.Count} tensors fit; the last layer starts anew, because the file has none",
            (true, null) => $"all {Matching.Count} tensors fit",
            (true, { } classes) => $"{Matching.Count} tensors fit; the last layer starts anew, because the file's has {classes} classes",
            _ => $"{Matching.Count} tensors fit; " + string.Join("; ", parts.Where(part => part.Item2.Count > 0).Select(part => Describe(part.Item1, part.Item2))),
        };
    }

    private static string Describe(string what, IReadOnlyList<string> names) =>
        $"{names.Count} {what} ({string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", ..." : "")})";
}
