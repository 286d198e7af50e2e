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
    /// <param name="epoch">Epochs done, which a method may ask for.</param>
    /// <param name="batches">Each disposed after use.</param>
    /// <param name="seed">Of the method's streams.</param>
    /// <param name="cancellation">Asked before each batch.</param>
    public static void Run(ImageNetwork network, TrainingOptions options, int epoch, IEnumerable<ImageBatch> batches, Seed seed, CancellationToken cancellation)
    {
        network.CountBatchesAnew();
        using var attacked = network.Freeze(ImageDomain.Adversarial, NormalizationStatistics.BatchUntracked, options.CraftingPrecision);
        using var memory = new MethodMemory(network.Device);
        using var exchange = new GradientExchange(network, options.Group);
        var here = 0L;
        foreach (var batch in batches)
        {
            using var used = batch;
            options.Group.ThrowIfAnyStopped(cancellation);
            using var scope = NewDisposeScope();
            var (images, labels) = (batch.Images.to(network.Device), batch.Labels.to(network.Device));
            var passes = new Passes(network, options, attacked, memory, images, labels, batch.IsStandIn) { Epoch = epoch };
            options.Method.Step(new UpdateContext(images, labels, new ImageRandom(seed, batch.Rows), network.Architecture.ClassCount, passes, batch.Targets?.to(network.Device)));
            here += batch.IsStandIn ? 0 : batch.Count;
        }
        long[] all = [here];
        options.Group.Sum(all);
        exchange.AverageStatistics((double)here / all[0]);
    }

    /// <summary>Passes images forward; weights stay as they are.</summary>
    private sealed class Passes(ImageNetwork network, TrainingOptions options, FrozenNetwork attacked, MethodMemory memory, Tensor images, Tensor labels, bool isStandIn) : IUpdateStep
    {
        public required double Epoch { get; init; }

        public int LargestBatch => options.BatchSize;

        public double BudgetShare => options.BudgetShareAt(Epoch);

        public Tensor Craft(Attack attack, ImageRandom random) => attack.Craft(attacked, images, labels, random);

        /// <summary>Not without gradients: a method may use its own on the way to the loss, and move images by theirs.</summary>
        public void Update(Func<ITrainableClassifier, LossSum> loss)
        {
            using var update = network.ForUpdate(NormalizationStatistics.Cumulative, options.ActivationCheckpointing, options.UpdatePrecision, options.Shared(isStandIn));
            var watched = new WatchedImages(isStandIn ? update.Untracked : update);
            var sum = loss(watched);
            if (!watched.WantGradients)
                return;
            update.Backward(sum.Mean());
            foreach (var parameter in network.parameters())
                parameter.grad = null;
        }

        /// <summary>The statistics are those of the weights that are kept.</summary>
        public IDisposable PerturbWeights(Func<ITrainableClassifier, LossSum> loss, double share) => new WeightPerturbation([], share);

        /// <summary>Of the estimate alone: zeros at first.</summary>
        public Tensor Memory(string name, long[] shape) => memory.Of(name, shape);
    }
}
