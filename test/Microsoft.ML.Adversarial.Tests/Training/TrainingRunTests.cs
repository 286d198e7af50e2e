using Microsoft.ML.Adversarial.Tests.Attacks;
using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>A run learns, can be repeated, and stops when it is told to.</summary>
public class TrainingRunTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_problem_that_can_be_told_apart_at_a_glance_is_learnt(bool isAdversarial)
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Epochs = 6, Method = isAdversarial ? TinyProblem.Pgd(3) : new PlainTraining() };
        var reports = new List<TrainingMetrics>();

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, [.. Enumerable.Repeat(24, 6)]), 6, reports.Add);

        Assert.True(reports[^1].Loss < reports[5].Loss / 2, $"{reports[5].Loss} -> {reports[^1].Loss}");
        Assert.True(Accuracy(network) > 0.9, $"{Accuracy(network)}");
        Assert.InRange(reports[^1].CleanAccuracy, 0.9, 1);
        if (isAdversarial)
            Assert.InRange(reports[^1].RobustAccuracy, 0.8, reports[^1].CleanAccuracy);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_bit_for_bit()
    {
        var weights = Trained(seed: 1, firstRow: 0);

        Assert.Equal(weights, Trained(seed: 1, firstRow: 0));
    }

    /// <summary>
    /// libtorch's own strided 1x1 convolution, the shortcut of every later stage, writes past its workspace in networks as narrow as these,
    /// below a vector of 8 (AVX2) or 16 (AVX-512) channels. With it the weights differ, or the whole test run ends in "corrupted size vs.
    /// prev_size" and the like.
    /// </summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void A_network_narrower_than_a_vector_register_comes_out_the_same_bit_for_bit_too(int width)
    {
        var state = TrainedNarrow(width);

        Assert.Equal(state, TrainedNarrow(width));
    }

    [Fact]
    public void Another_seed_of_the_attack_gives_other_weights() => Assert.False(Same(Trained(seed: 1, firstRow: 0), Trained(seed: 2, firstRow: 0)));

    [Fact]
    public void Other_images_or_another_order_give_other_weights()
    {
        var weights = Trained(seed: 1, firstRow: 0);

        Assert.False(Same(weights, Trained(seed: 1, firstRow: 8)));
        Assert.False(Same(weights, Trained(seed: 1, firstRow: 0, isReversed: true)));
    }

    /// <summary>A second epoch meets other random starts than the first: with a rate of (almost) nothing and one batch, only the attack's streams can differ.</summary>
    [Fact]
    public void The_attack_draws_anew_in_every_epoch()
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Epochs = 2, LearningRate = 1e-30, Method = TinyProblem.Pgd(1) };
        var reports = new List<TrainingMetrics>();

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 8), 1, reports.Add);

        Assert.NotEqual(reports[0].Loss, reports[1].Loss);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_and_says_where()
    {
        using var network = TinyProblem.Network();
        var losses = new ScriptedLoss(1, 1, 1, 1, double.NaN, 1);
        var reports = new List<TrainingMetrics>();

        var exception = Assert.Throws<InvalidOperationException>(
            () => TinyProblem.Train(network, TinyProblem.Options with { Method = losses }, _ => TinyProblem.Batches(0, 4, 4, 4), 3, reports.Add));

        Assert.Contains("the loss is NaN in epoch 2, batch 2, at a learning rate of 0.05", exception.Message, StringComparison.Ordinal);
        Assert.Contains("LearningRate", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, reports.Count);
    }

    /// <summary>METHODS 5, seen from above: a wildly high rate must end in the message too, not in a network of NaNs.</summary>
    [Fact]
    public void A_rate_that_is_far_too_high_ends_in_the_message()
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Epochs = 100, LearningRate = 100, WeightDecay = 1 };

        var exception = Assert.Throws<InvalidOperationException>(() => TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4, 4), 3));

        Assert.Contains("Training diverged", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_stops_before_the_next_update_and_gives_the_batches_back()
    {
        using var network = TinyProblem.Network();
        using var cancellation = new CancellationTokenSource();
        var reports = new List<TrainingMetrics>();
        var handed = new List<ImageBatch>();
        var isClosed = false;
        byte[]? weights = null;

        Assert.Throws<OperationCanceledException>(() => TinyProblem.Train(network, TinyProblem.Options, Batches, 5, Report, cancellation: cancellation.Token));

        Assert.Equal(3, reports.Count);
        Assert.Equal(weights, TinyNetworks.State(network)["conv1.weight"]);
        Assert.InRange(handed.Count, 3, 4);
        Assert.All(handed, batch => Assert.True(batch.Images.IsInvalid));
        Assert.True(isClosed);

        void Report(TrainingMetrics metrics)
        {
            reports.Add(metrics);
            if (reports.Count == 3)
            {
                weights = TinyNetworks.State(network)["conv1.weight"];
                cancellation.Cancel();
            }
        }

        IEnumerable<ImageBatch> Batches(int epoch)
        {
            try
            {
                foreach (var batch in TinyProblem.Batches(0, 4, 4, 4, 4, 4))
                {
                    handed.Add(batch);
                    yield return batch;
                }
            }
            finally
            {
                isClosed = true;
            }
        }
    }

    [Fact]
    public void A_schedule_that_does_not_fit_is_refused_before_the_first_batch()
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Schedule = LearningRateSchedule.Steps([2]) };

        Assert.Throws<ArgumentException>(() => TinyProblem.Train(network, options, _ => throw new InvalidOperationException("asked for a batch"), 1));
    }

    private static Dictionary<string, byte[]> Trained(int seed, int firstRow, bool isReversed = false)
    {
        using var network = TinyProblem.Network();
        var options = TinyProblem.Options with { Method = TinyProblem.Pgd(2) };
        TinyProblem.Train(network, options, _ => Ordered(TinyProblem.Batches(firstRow, 8, 8, 5)), 3, seed: seed);
        return TinyNetworks.State(network);

        IEnumerable<ImageBatch> Ordered(IEnumerable<ImageBatch> batches) => isReversed ? batches.Reverse() : batches;
    }

    /// <summary>Colour images: torch would not take a single channel as channels-last, and only there is the workspace too small.</summary>
    private static Dictionary<string, byte[]> TrainedNarrow(int width)
    {
        const int batches = 3, size = 8, side = 16;
        var architecture = TinyProblem.Architecture with { Image = new ImageShape(3, side, side), ClassCount = 4, Backbone = new ResNet(8) { Width = width } };
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));
        TinyProblem.Train(network, TinyProblem.Options, _ => Enumerable.Range(0, batches).Select(Batch), batches);
        return TinyNetworks.State(network);

        static ImageBatch Batch(int number)
        {
            var (images, labels) = TestImages.Quarters(size, 3, side, seed: (ulong)number);
            return new ImageBatch(images, labels, [.. Enumerable.Range(number * size, size).Select(row => (long)row)]);
        }
    }

    private static bool Same(Dictionary<string, byte[]> left, Dictionary<string, byte[]> right) =>
        left["conv1.weight"].AsSpan().SequenceEqual(right["conv1.weight"]);

    private static double Accuracy(ImageNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = network.Freeze(ImageDomain.Adversarial);
        using var unseen = TinyProblem.Batches(10_000, 90).Single();
        return (frozen.Logits(unseen.Images).argmax(1) == unseen.Labels).to(float32).mean().item<float>();
    }
}
