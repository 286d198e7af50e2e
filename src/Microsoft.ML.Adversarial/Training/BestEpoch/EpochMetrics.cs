using System.Text.Json.Serialization;

namespace Microsoft.ML.Adversarial;

/// <summary>A network after an epoch, measured on the validation images.</summary>
public sealed class EpochMetrics
{
    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>The mean training loss of the epoch.</summary>
    public double Loss { get; init; }

    /// <summary>Validation images classified as labelled.</summary>
    public required long CleanCorrect { get; init; }

    /// <summary>Validation images classified as labelled under the selection's attack.</summary>
    public required long RobustCorrect { get; init; }

    /// <summary>Validation images.</summary>
    public required long Examples { get; init; }

    /// <summary><see cref="CleanCorrect"/> as a share, from 0 to 1.</summary>
    [JsonIgnore]
    public double CleanAccuracy => Clean.Accuracy;

    /// <summary><see cref="RobustCorrect"/> as a share, from 0 to 1.</summary>
    [JsonIgnore]
    public double RobustAccuracy => Robust.Accuracy;

    [JsonIgnore]
    internal Tally Clean => new(CleanCorrect, Examples);

    [JsonIgnore]
    internal Tally Robust => new(RobustCorrect, Examples);
}
