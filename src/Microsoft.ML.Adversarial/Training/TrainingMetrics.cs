namespace Microsoft.ML.Adversarial;

/// <summary>Where a training run stands, reported after every weight update.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">Epochs of the whole run.</param>
/// <param name="Batch">Batches of this epoch that are done.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="LearningRate">The rate of the last update.</param>
/// <param name="Loss">The mean training loss of this epoch's images so far.</param>
/// <param name="CleanAccuracy">
/// The share of this epoch's measured training images that the network, with its running statistics, classified as labelled before their update; NaN where none was measured yet.
/// </param>
/// <param name="AdversarialAccuracy">The same for the images as the training attack left them; NaN without an attack.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="Remaining">Time left at the pace so far.</param>
public sealed record TrainingMetrics(
    int Epoch, int Epochs, int Batch, int Batches, double LearningRate, double Loss, double CleanAccuracy, double AdversarialAccuracy, TimeSpan Elapsed, TimeSpan Remaining);
