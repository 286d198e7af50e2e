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

    /// <summary>The same at any percentage: without clean images it is the method itself.</summary>
    public static string AtRatio(int percent) => percent == 0 ? Adversarial : Mixed(percent);

    /// <summary>Adversarial training at a depth other than the main one.</summary>
    public static string AtDepth(int depth) => $"depth-{depth}";

    /// <summary>Adversarial training at any depth: the main one has no other name than the method.</summary>
    public static string AdversarialAt(int depth, int mainDepth) => depth == mainDepth ? Adversarial : AtDepth(depth);

    public static string Plain(int depth) => $"plain-{depth}";
}
