using System.Text.Json.Serialization;

namespace Microsoft.ML.Adversarial;

/// <summary>Examples counted, in a type that adds; an accuracy is never an average of averages.</summary>
/// <param name="Correct">Examples classified as labelled.</param>
/// <param name="Total">Examples seen.</param>
internal readonly record struct Tally(long Correct, long Total)
{
    [JsonIgnore]
    public double Accuracy => Total == 0 ? double.NaN : (double)Correct / Total;

    /// <summary>Of the accuracy, for other examples of the kind.</summary>
    [JsonIgnore]
    public double SquaredStandardError => Accuracy * (1 - Accuracy) / Total;

    public static Tally operator +(Tally left, Tally right) => new(left.Correct + right.Correct, left.Total + right.Total);
}
