
namespace Microsoft.ML.Adversarial;

/// <summary>An accuracy with the range that holds the true one in 95 of 100 samples of so many examples (Wilson 1927).</summary>
public sealed record AccuracyInterval
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    private const double Deviations = 1.959964;

    /// <summary>The share of the examples classified as labelled, from 0 to 1; NaN without examples.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The lower end, from 0 to 1.</summary>
    public required double Lower { get; init; }

    /// <summary>The upper end, from 0 to 1.</summary>
    public required double Upper { get; init; }

    /// <summary>Examples counted.</summary>
    public required long Examples { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Accuracy * 100:f1} % of {Examples} [{Lower * 100:f1}, {Upper * 100:f1}]");

    /// <summary>
    /// (p + z²/2n ± z sqrt(p (1 - p)/n + z²/4n²)) / (1 + z²/n): unlike p ± z sqrt(p (1 - p)/n) it is right near 0 and 1, where robust accuracies lie.
    /// </summary>
    internal static AccuracyInterval Wilson(Tally tally)
    {
        if (tally.Total == 0)
            return new AccuracyInterval { Accuracy = double.NaN, Lower = 0, Upper = 1, Examples = 0 };
        double count = tally.Total, accuracy = tally.Accuracy, square = Deviations * Deviations;
        var middle = accuracy + square / (2 * count);
        var half = Deviations * Math.Sqrt(accuracy * (1 - accuracy) / count + square / (4 * count * count));
        var scale = 1 + square / count;
        return new AccuracyInterval
        {
            Accuracy = accuracy,
            Lower = Math.Max(0, (middle - half) / scale),
            Upper = Math.Min(1, (middle + half) / scale),
            Examples = tally.Total,
        };
    }
}
