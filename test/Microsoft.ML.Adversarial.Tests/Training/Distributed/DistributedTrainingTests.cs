using Microsoft.ML.Adversarial.Tests.Distributed;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training.Distributed;

/// <summary>Ranks that train together do what one would do with all their images.</summary>
public sealed class DistributedTrainingTests
{
    private static TrainingOptions Options { get; } = TinyProblem.Options with { Epochs = 5, BatchSize = 8, LearningRate = 0.02, Method = TinyProblem.Pgd(2) };

    public static TheoryData<int, int> Parts => new() { { 2, 8 }, { 3, 8 }, { 3, 7 } };

    [Theory]
    [MemberData(nameof(Parts))]
    public void With_the_statistics_of_all_ranks_weights_are_those_of_one_process_after_20_updates(int ranks, int batch)
    {
        var alone = Trained(ProcessGroup.Alone, Options, batch);
        var together = ThreadGroup.Run(ranks, group => Trained(group, Options with { SynchronizesStatistics = true }, batch));

        foreach (var rank in together)
            Assert.True(Distance(alone, rank) < 1e-4, $"{Distance(alone, rank)} apart");
        Assert.All(together, rank => Assert.Equal(0, Distance(together[0], rank)));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void With_statistics_of_its_own_each_rank_does_a_part_of_the_update_and_none_more(int ranks, int batch)
    {
        var byHand = ByHand(ranks, batch);
        var together = ThreadGroup.Run(ranks, group => Trained(group, Options, batch));

        foreach (var rank in together)
            Assert.True(Distance(byHand, rank) < 1e-4, $"{Distance(byHand, rank)} apart");
        Assert.True(Distance(Trained(ProcessGroup.Alone, Options, batch), together[0]) > 1e-3, "statistics of a part are those of the whole");
    }

    [Fact]
    public void Ranks_that_want_different_things_are_told_which_before_anything_is_trained()
    {
        var refused = Refused(group => Options with { Distributed = group, LearningRate = group.Rank == 1 ? 0.01 : 0.02 }, _ => Rows(8));
        Assert.Equal(["Rank 1 of 2 has another network, other options or other data than rank 0; expected the same of all."], refused.Distinct());

        refused = Refused(group => Options with { Distributed = group }, group => Rows(8).Take(group.Rank == 0 ? 4 : 3));
        Assert.Equal(["Rank 1 of 2 has another number of batches in an epoch than rank 0; expected the same of all."], refused.Distinct());
    }

    [Fact]
    public void A_method_that_keeps_numbers_of_its_images_is_refused_by_name()
    {
        var refused = Refused(group => Options with { Distributed = group, Method = new FreeAdversarialTraining(Budget.LInf(8)) }, _ => Rows(8), out var ended);

        Assert.StartsWith("FreeAdversarialTraining keeps numbers from batch to batch, which are those of one process's images, and Distributed has 2 processes", refused[0], StringComparison.Ordinal);
        Assert.Contains("ends the job: NotSupportedException", ended, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_one_rank_is_stopped_all_are()
    {
        using var stop = new CancellationTokenSource();

        var outcomes = ThreadGroup.Run(2, group =>
        {
            using var network = TinyProblem.Network();
            return TinyProblem.Train(
                network, Options with { Distributed = group, WhenStopped = StoppedTraining.ReturnModel }, _ => Rows(8).Select(TinyProblem.Batch), 4,
                report: metrics => StopAt(group.Rank == 1 && metrics is { Epoch: 2, Batch: 3 }), cancellation: group.Rank == 1 ? stop.Token : CancellationToken.None);
        });

        Assert.All(outcomes, outcome => Assert.Equal(TrainingEnd.Stopped, outcome.End));

        void StopAt(bool now)
        {
            if (now)
                stop.Cancel();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_goes_wrong_in_a_sum_on_the_way_back_is_thrown_where_that_began(bool checkpoints)
    {
        var failed = Assert.Throws<AggregateException>(() => ThreadGroup.Run(2, group =>
        {
            using var network = TinyProblem.Network();
            using var scope = NewDisposeScope();
            using var images = TinyProblem.Batch([0, 1]);
            using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints, shared: new SharedStatistics(group, Counts: true));
            var loss = nn.functional.cross_entropy(update.Logits(images.Images, ImageDomain.Clean), images.Labels);
            group.Barrier();
            if (group.Rank == 1)
            {
                group.End("gone");
                throw new IOException("gone");
            }
            update.Backward(loss);
            return group.Rank;
        }));

        Assert.Equal([typeof(OperationCanceledException), typeof(IOException)], failed.InnerExceptions.Select(exception => exception.GetType()));
    }

    [Fact]
    public void Numbers_in_the_reports_and_of_a_selection_are_those_of_all_images()
    {
        var options = Options with { Epochs = 2, SynchronizesStatistics = true, Selection = new ModelSelection(Options.Method.Attack!) };
        var (alone, ofAlone) = Reported(ProcessGroup.Alone);

        foreach (var (together, ofRank) in ThreadGroup.Run(3, Reported))
        {
            Assert.Equal(ofAlone.Select(epoch => (epoch.CleanCorrect, epoch.RobustCorrect, epoch.Examples)), ofRank.Select(epoch => (epoch.CleanCorrect, epoch.RobustCorrect, epoch.Examples)));
            Assert.Equal(alone.Select(metrics => (metrics.CleanAccuracy, metrics.RobustAccuracy, metrics.MeasuredImages)), together.Select(metrics => (metrics.CleanAccuracy, metrics.RobustAccuracy, metrics.MeasuredImages)));
            Assert.All(alone.Zip(together), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4));
        }

        (List<TrainingMetrics> Reports, IReadOnlyList<EpochMetrics> Epochs) Reported(ProcessGroup group)
        {
            using var network = TinyProblem.Network();
            var reports = new List<TrainingMetrics>();
            var outcome = TinyProblem.Train(
                network, options with { Distributed = group }, _ => Rows(8).Select(whole => Part(group, whole)), 4, report: reports.Add,
                validation: () => Rows(8).Select(whole => whole[group.PartOf(whole.Length)]).Where(part => part.Length > 0).Select(TinyProblem.Batch));
            return (reports, outcome.Epochs);
        }
    }

    private static List<string> Refused(Func<ThreadGroup, TrainingOptions> options, Func<ThreadGroup, IEnumerable<long[]>> rows) => Refused(options, rows, out _);

    private static List<string> Refused(Func<ThreadGroup, TrainingOptions> options, Func<ThreadGroup, IEnumerable<long[]>> rows, out string ended)
    {
        var failed = Assert.Throws<AggregateException>(() => ThreadGroup.Run(2, group =>
        {
            using var network = TinyProblem.Network();
            return TinyProblem.Train(network, options(group), _ => rows(group).Select(TinyProblem.Batch), rows(group).Count(), cancellation: CancellationToken.None);
        }));
        ended = failed.Message;
        return [.. failed.InnerExceptions.Where(exception => exception is not OperationCanceledException).Select(exception => exception.Message)];
    }

    /// <summary>Textbook: parts one after the other through the same weights, gradients of the sums over the images of all, running statistics of the mean of the parts'.</summary>
    private static Dictionary<string, Tensor> ByHand(int ranks, int batch)
    {
        using var network = TinyProblem.Network();
        using var optimizer = new GradientDescent(network.parameters(), Options.Momentum, Options.WeightDecay) { LearningRate = Options.LearningRate };
        foreach (var epoch in Enumerable.Range(0, Options.Epochs))
        {
            foreach (var whole in Rows(batch))
            {
                using var scope = NewDisposeScope();
                var before = Statistics(network);
                var sums = before.ToDictionary(entry => entry.Key, entry => zeros_like(entry.Value));
                var gradients = network.parameters().Select(parameter => zeros_like(parameter)).ToArray();
                // All craft with the weights and statistics before the update.
                var parts = Enumerable.Range(0, ranks).Select(rank => PartOf(whole, rank, ranks)).Where(part => part.Length > 0).ToList();
                var crafted = parts.ConvertAll(part =>
                {
                    using var frozen = network.Freeze(ImageDomain.Adversarial);
                    using var images = TinyProblem.Batch(part);
                    return Options.Method.Attack!.Craft(frozen, images.Images, images.Labels, new ImageRandom(new Seed(1).For("attack").For(epoch), part));
                });
                foreach (var (part, attacked) in parts.Zip(crafted))
                {
                    foreach (var (name, value) in before)
                        network.get_buffer(name)!.copy_(value);
                    optimizer.ZeroGradients();
                    using var images = TinyProblem.Batch(part);
                    using var update = network.ForUpdate(NormalizationStatistics.Batch);
                    var loss = nn.functional.cross_entropy(update.Logits(attacked, ImageDomain.Adversarial), images.Labels, reduction: nn.Reduction.Sum).Times(1.0 / whole.Length);
                    update.Backward(loss);
                    foreach (var (sum, parameter) in gradients.Zip(network.parameters()))
                        sum.AddInPlace(parameter.grad!);
                    foreach (var (name, value) in Statistics(network))
                        sums[name].AddInPlace(value.Times((double)part.Length / whole.Length));
                }
                foreach (var (name, sum) in sums)
                    network.get_buffer(name)!.copy_(sum);
                foreach (var (sum, parameter) in gradients.Zip(network.parameters()))
                    parameter.grad!.copy_(sum);
                optimizer.Step();
            }
        }
        return Copy(network);
    }

    private static Dictionary<string, Tensor> Statistics(ImageNetwork network) =>
        network.named_buffers().Where(buffer => buffer.buffer.is_floating_point()).ToDictionary(buffer => buffer.name, buffer => buffer.buffer.clone());

    private static long[] PartOf(long[] whole, int rank, int ranks)
    {
        var (each, more) = Math.DivRem(whole.Length, ranks);
        return whole.Skip((rank * each) + Math.Min(rank, more)).Take(each + (rank < more ? 1 : 0)).ToArray();
    }

    /// <summary>Four batches, the last one shorter.</summary>
    private static IEnumerable<long[]> Rows(int batch) => Enumerable.Range(0, (3 * batch) + 2).Select(row => (long)row).Chunk(batch);

    private static Dictionary<string, Tensor> Trained(ProcessGroup group, TrainingOptions options, int batch)
    {
        using var network = TinyProblem.Network(seed: 1 + group.Rank);
        TinyProblem.Train(network, options with { Distributed = group }, _ => Rows(batch).Select(whole => Part(group, whole)), 4, cancellation: CancellationToken.None);
        return Copy(network);
    }

    private static ImageBatch Part(ProcessGroup group, long[] whole)
    {
        var part = whole[group.PartOf(whole.Length)];
        var made = TinyProblem.Batch(part.Length == 0 ? whole[..1] : part);
        return part.Length > 0 ? made : new ImageBatch(made.Images, made.Labels, made.Rows) { IsStandIn = true };
    }

    private static Dictionary<string, Tensor> Copy(ImageNetwork network) =>
        network.state_dict().Where(entry => entry.Value.is_floating_point()).ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());

    private static double Distance(Dictionary<string, Tensor> left, Dictionary<string, Tensor> right) =>
        left.Max(entry => entry.Value.sub(right[entry.Key]).abs().max().item<float>());
}
