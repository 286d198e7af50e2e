namespace Samples.PaperStudy.Findings;

/// <summary>
/// Accuracies in percent from Xie &amp; Yuille 2020 (arXiv 1906.03787): ImageNet, L-infinity 16/255, ResNet-152 where no depth is given. The ends of the series stand in
/// its text and tables, what lies between and all depths are read off its figures.
/// </summary>
public static class PaperNumbers
{
    /// <summary>Steps of the attack wherever no others are named.</summary>
    public const int LongestAttack = 2000;

    public const double
        Adversarial = 39.2,
        Mixed = 20.9,
        LogitPairing = 23.0,
        MixtureBatch = 38.3,
        MixtureBatchLogitPairing = 35.3,
        Consistent = 42.2,
        MixtureBatchClean = 79.3,
        PlainClean = 78.9;

    /// <summary>By the steps of the attack.</summary>
    public static IReadOnlyList<(double Steps, double Accuracy)> AdversarialByAttack { get; } = [(10, 52.5), (100, 41.7), (500, 39.6), (1000, 38.9), (2000, Adversarial)];

    public static IReadOnlyList<(double Steps, double Accuracy)> MixedByAttack { get; } = [(10, 56.3), (100, 35.5), (500, 26.6), (1000, 23.5), (2000, Mixed)];

    /// <summary>By the clean images for every hundred attacked ones.</summary>
    public static IReadOnlyList<(double Percent, double Accuracy)> ByCleanRatio { get; } = [(0, Adversarial), (20, 32.1), (40, 29.1), (60, 15.3), (80, 20.4), (100, Mixed)];

    /// <summary>Under the longest attack, trained with consistent batch normalisation.</summary>
    public static IReadOnlyList<(double Depth, double Accuracy)> AdversarialByDepth { get; } = [(152, Consistent), (200, 43.8), (338, 44.6), (518, 46.2), (638, 46.7)];

    /// <summary>On clean images.</summary>
    public static IReadOnlyList<(double Depth, double Accuracy)> PlainByDepth { get; } = [(152, 79.0), (200, 79.3), (338, 79.5), (518, 79.8), (638, 79.7)];

    /// <summary>From points in a hundred to a share, as this study counts.</summary>
    public static double Difference(double larger, double smaller) => (larger - smaller) / 100;

    public static string Text(double accuracy) => FormattableString.Invariant($"{accuracy:f1} %");

    public static string AtLongest(double accuracy) => $"{Text(accuracy)} (PGD-{LongestAttack})";

    public static string Text(IEnumerable<(double Place, double Accuracy)> series, string prefix) =>
        string.Join(", ", series.Select(point => FormattableString.Invariant($"{prefix}{point.Place} {point.Accuracy:f1} %")));
}
