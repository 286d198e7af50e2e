namespace Microsoft.ML.Adversarial.Networks;

/// <summary>How the tensors of a weights file fit a network.</summary>
/// <param name="Matching">Names that both have, with the same shape.</param>
/// <param name="Missing">Names of the network that the file lacks.</param>
/// <param name="Unexpected">Names of the file that the network lacks.</param>
/// <param name="Reshaped">Names that both have with different shapes: the file's, the network's.</param>
internal sealed record WeightsReport(IReadOnlyList<string> Matching, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<string> Reshaped)
{
    private const int Shown = 5;

    /// <summary>Every tensor of the file has its place and the other way round.</summary>
    public bool IsComplete => Missing.Count + Unexpected.Count + Reshaped.Count == 0;

    public override string ToString()
    {
        var parts = new[] { ("missing", Missing), ("unexpected", Unexpected), ("of another shape", Reshaped) };
        return IsComplete
            ? $"all {Matching.Count} tensors fit"
            : $"{Matching.Count} tensors fit; " + string.Join("; ", parts.Where(part => part.Item2.Count > 0).Select(part => Describe(part.Item1, part.Item2)));
    }

    private static string Describe(string what, IReadOnlyList<string> names) =>
        $"{names.Count} {what} ({string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", ..." : "")})";
}
