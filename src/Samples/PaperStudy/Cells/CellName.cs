namespace Samples.PaperStudy.Cells;

/// <summary>The names of the cells, as <c>--only</c> takes them and files bear them.</summary>
public static class CellName
{
    public const string
        Adversarial = "adversarial",
        LogitPairing = "alp",
        MixtureBatch = "mixture-batch",
        MixtureBatchLogitPairing = "mixture-batch-alp",
        Group = "group",
        Consistent = "consistent";

    /// <summary>Clean images for every hundred attacked ones, in one batch normalisation.</summary>
    public static string Mixed(int percent) => $"mixed-{percent}";

    /// <summary>Adversarial training at a depth other than the main one.</summary>
    public static string AtDepth(int depth) => $"depth-{depth}";

    public static string Plain(int depth) => $"plain-{depth}";
}
