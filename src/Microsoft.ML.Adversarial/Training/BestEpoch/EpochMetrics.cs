namespace Microsoft.ML.Adversarial;

/// <summary>A network after an epoch, measured on the validation images.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Loss">The mean training loss of the epoch.</param>
/// <param name="CleanAccuracy">The share of the validation images classified as labelled, from 0 to 1.</param>
/// <param name="RobustAccuracy">The same under the selection's attack.</param>
/// <param name="Examples">Validation images.</param>
public sealed record EpochMetrics(int Epoch, double Loss, double CleanAccuracy, double RobustAccuracy, long Examples);
