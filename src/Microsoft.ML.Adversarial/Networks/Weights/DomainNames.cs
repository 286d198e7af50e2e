namespace Microsoft.ML.Adversarial;

/// <summary>
/// The names of weights that each domain has for itself: <c>bn1.clean.weight</c> and <c>bn1.adversarial.weight</c> where both domains share <c>bn1.weight</c>. Networks that tell
/// domains apart and others take each other's weights by these names.
/// </summary>
internal static class DomainNames
{
    private static readonly string[] Parts = [.. Enum.GetValues<ImageDomain>().Select(domain => $".{Of(domain)}.")];

    /// <summary>The part of a name that says the domain.</summary>
    public static string Of(ImageDomain domain) => domain.ToString().ToLowerInvariant();

    public static string Without(string name) => Parts.Aggregate(name, (plain, part) => plain.Replace(part, ".", StringComparison.Ordinal));

    /// <summary>What a network takes for its tensor of this name from another one's: its own domain's, what both domains share there, or where it has one for both the given domain's.</summary>
    /// <param name="name">In the network that takes.</param>
    /// <param name="domain">To take where this network does not tell domains apart and the other does.</param>
    /// <param name="theirs">The other network's names.</param>
    public static string In(IReadOnlyCollection<string> theirs, string name, ImageDomain domain)
    {
        var end = name.LastIndexOf('.');
        // Weights of an imported graph may have a name without parts, which both domains share.
        string[] candidates = end < 0 ? [name] : [name, Without(name), $"{name[..end]}.{Of(domain)}{name[end..]}"];
        return candidates.First(theirs.Contains);
    }
}
