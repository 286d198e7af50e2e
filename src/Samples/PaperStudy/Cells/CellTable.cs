using Microsoft.ML.Adversarial;


namespace Samples.PaperStudy.Cells;

/// <summary>All cells of a study, in the order in which they run: the first findings come first.</summary>
public static class CellTable
{
    /// <summary>The paper's clean ratios but 0, in percent.</summary>
    public static IReadOnlyList<int> CleanPercents { get; } = [100, 80, 60, 40, 20];

    /// <summary>How strongly the logits of an image and its attacked twin are drawn together in the cells that do so.</summary>
    private const double LogitPairingWeight = 0.5;

    /// <summary>In the first stage; the further ones have as many groups of more channels.</summary>
    private const int ChannelsPerGroup = 4;

    public static IReadOnlyList<Cell> All(StudySettings settings)
    {
        var adversarial = new Cell { Name = CellName.Adversarial, Depth = settings.Depth };
        var mixed = adversarial with { Name = CellName.Mixed(100), CleanRatio = 1 };
        var mixture = mixed with { Name = CellName.MixtureBatch, Normalization = Normalization.MixtureBatch };
        return
        [
            adversarial,
            mixed,
            mixture,
            Plain(settings.Depth),
            mixed with { Name = CellName.LogitPairing, LogitPairingWeight = LogitPairingWeight },
            mixed with { Name = CellName.Group, Normalization = Normalization.Group with { Groups = Math.Max(1, settings.Width / ChannelsPerGroup) } },
            adversarial with { Name = CellName.Consistent, ConsistentEpochs = settings.ConsistentEpochs },
            .. settings.Depths.Where(depth => depth != settings.Depth).SelectMany(depth => (Cell[])[adversarial with { Name = CellName.AtDepth(depth), Depth = depth }, Plain(depth)]),
            .. CleanPercents.Where(percent => percent < 100).Select(percent => adversarial with { Name = CellName.Mixed(percent), CleanRatio = percent / 100.0 }),
            mixture with { Name = CellName.MixtureBatchLogitPairing, LogitPairingWeight = LogitPairingWeight },
        ];
    }

    /// <summary>The cells that <c>--only</c> names.</summary>
    /// <exception cref="ArgumentException">A name fits no cell.</exception>
    public static IReadOnlyList<Cell> Chosen(StudySettings settings)
    {
        var all = All(settings);
        foreach (var pattern in settings.Only)
            if (!all.Any(cell => Fits(cell.Name, pattern)))
                throw new ArgumentException($"--only names '{pattern}', which fits no cell; expected some of {string.Join(", ", all.Select(cell => cell.Name))}, or a beginning with a * such as depth-*.");
        return settings.Only.Count == 0 ? all : [.. all.Where(cell => settings.Only.Any(pattern => Fits(cell.Name, pattern)))];
    }

    private static bool Fits(string name, string pattern) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;

    private static Cell Plain(int depth) => new() { Name = CellName.Plain(depth), Depth = depth, IsPlain = true };
}
