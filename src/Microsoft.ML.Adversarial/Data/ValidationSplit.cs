
namespace Microsoft.ML.Adversarial;

/// <summary>Sets a share of the rows of every class apart. The labels, in the order of the rows, and the seed alone decide which.</summary>
internal static class ValidationSplit
{
    /// <param name="labels">Of every row, from 0; below 0 where there is none.</param>
    /// <param name="fraction">Above 0 and below 1.</param>
    /// <param name="seed">Which rows of a class are set apart.</param>
    /// <returns>The rows set apart: of each class the fraction, rounded, but never all and, from two rows on, never none.</returns>
    public static HashSet<long> Choose(IEnumerable<int> labels, double fraction, Seed seed)
    {
        var chosen = new HashSet<long>();
        foreach (var rows in labels.Select((label, row) => (Label: label, Row: (long)row)).Where(entry => entry.Label >= 0).GroupBy(entry => entry.Label))
        {
            var members = rows.Select(entry => entry.Row).ToArray();
            seed.For(rows.Key).Random().Shuffle(members);
            var count = Math.Clamp((int)Math.Round(fraction * members.Length), Math.Min(1, members.Length - 1), members.Length - 1);
            chosen.UnionWith(members.Take(count));
        }
        return chosen;
    }
}
