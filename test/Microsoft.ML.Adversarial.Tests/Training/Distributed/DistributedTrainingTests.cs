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
        TinyProblem.Train(network, options with { Distributed = group.Size == 1 ? null : group }, _ => Rows(batch).Select(Part), 4);
        return Copy(network);

        ImageBatch Part(long[] whole)
        {
            var part = whole[group.PartOf(whole.Length)];
            var made = TinyProblem.Batch(part.Length == 0 ? whole[..1] : part);
            return part.Length > 0 ? made : new ImageBatch(made.Images, made.Labels, made.Rows) { IsStandIn = true };
        }
    }

    private static Dictionary<string, Tensor> Copy(ImageNetwork network) =>
        network.state_dict().Where(entry => entry.Value.is_floating_point()).ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());

    private static double Distance(Dictionary<string, Tensor> left, Dictionary<string, Tensor> right) =>
        left.Max(entry => entry.Value.sub(right[entry.Key]).abs().max().item<float>());
}
