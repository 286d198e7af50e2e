using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The running statistics of weights that no update has passed images through, as the mean over batches (Izmailov et al. 2018, section 3.2).</summary>
internal static class StatisticsEstimation
{
    /// <summary>
    /// The method itself passes the images, so that each domain's statistics are those of the images that updates show it; domains that it does not show
    /// any keep theirs. The result depends on weights, batches and seed alone, not on the statistics before.
    /// </summary>
    /// <param name="network">Its running statistics change; after every batch they are the mean over the batches so far.</param>
    /// <param name="options">The training's.</param>
    /// <param name="batches">Each disposed after use.</param>
    /// <param name="seed">Of the method's streams.</param>
    /// <param name="cancellation">Asked before each batch.</param>
    public static void Run(ImageNetwork network, TrainingOptions options, IEnumerable<ImageBatch> batches, Seed seed, CancellationToken cancellation)
    {
        network.CountBatchesAnew();
        using var attacked = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked, options.CraftingPrecision);
        foreach (var batch in batches)
        {
            using var used = batch;
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (images, labels) = (batch.Images.to(network.Device), batch.Labels.to(network.Device));
            var random = new ImageRandom(seed, batch.Rows);
            options.Method.Step(new UpdateContext(
                images, labels, random, network.Architecture.ClassCount, (attack, streams) => attack.Craft(attacked, images, labels, streams), PassForward));
        }

        // Not without gradients: a method may use its own on the way to the loss.
        void PassForward(Func<ITrainableClassifier, LossSum> loss)
        {
            using var update = network.ForUpdate(NormalizationStatistics.Cumulative, options.ActivationCheckpointing, options.UpdatePrecision);
            loss(update);
        }
    }
}
