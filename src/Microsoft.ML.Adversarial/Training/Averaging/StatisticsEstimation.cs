using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The running statistics of weights that no update has passed images through, as the mean over batches (Izmailov et al. 2018, section 3.2).</summary>
internal static class StatisticsEstimation
{
    /// <summary>
    /// The objective itself passes the images, so that each domain's statistics are those of the images that updates show it; domains that it does not show
    /// any keep theirs. The result depends on weights, batches and seed alone, not on the statistics before.
    /// </summary>
    /// <param name="network">Its running statistics change; after every batch they are the mean over the batches so far.</param>
    /// <param name="options">The training's.</param>
    /// <param name="batches">Each disposed after use.</param>
    /// <param name="seed">Of the attack's streams.</param>
    /// <param name="throwIfOver">Asked before each batch.</param>
    public static void Run(ResidualNetwork network, TrainingOptions options, IEnumerable<ImageBatch> batches, Seed seed, Action throwIfOver)
    {
        network.CountBatchesAnew();
        using var attacked = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked);
        var number = 0;
        foreach (var batch in batches)
        {
            using var used = batch;
            throwIfOver();
            using var scope = NewDisposeScope();
            var (images, labels) = (batch.Images.to(network.Device), batch.Labels.to(network.Device));
            var random = new ImageRandom(seed, seed.For("batch").For(number++), batch.Rows);
            var adversarial = options.Objective.Attack?.Craft(attacked, images, labels, random) ?? images;
            // Not without gradients: an objective may use its own on the way to the loss.
            using var update = network.ForUpdate(NormalizationStatistics.Cumulative, options.ActivationCheckpointing);
            options.Objective.Loss(update, images, adversarial, labels);
        }
    }
}
