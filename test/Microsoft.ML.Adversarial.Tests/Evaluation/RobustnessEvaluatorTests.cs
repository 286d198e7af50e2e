using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Evaluation;
using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Adversarial.Tests.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

public class RobustnessEvaluatorTests
{
    private static readonly Attack Pgd = new PgdAttack(Budget.LInf(16)) { Steps = 4 };

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(100)]
    public void Every_example_counts_the_last_smaller_batch_included(int batchSize)
    {
        var outcome = Evaluate(batchSize, [Pgd]);

        Assert.Equal(Count, outcome.Labels.Count);
        Assert.Equal(Enumerable.Range(0, Count).Select(row => (long)(row % 3)), outcome.Labels);
        Assert.All(outcome.Conditions, condition => Assert.Equal(Count, condition.Tally.Total));
        Assert.All(outcome.Conditions, condition => Assert.Equal(Count, condition.Scores.Count));
        Assert.Equal(Count, outcome.WorstCaseTally.Total);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_batch_size()
    {
        var expected = Evaluate(Count, [Pgd]);
        foreach (var batchSize in (int[])[1, 4, 7])
        {
            var actual = Evaluate(batchSize, [Pgd]);
            for (var i = 0; i < expected.Conditions.Count; i++)
            {
                Assert.Equal(expected.Conditions[i].Correct, actual.Conditions[i].Correct);
                Assert.All(expected.Conditions[i].Scores.Zip(actual.Conditions[i].Scores), pair => AssertClose(pair.First, pair.Second));
            }
        }
    }

    [Fact]
    public void The_result_does_not_depend_on_the_order_of_the_batches()
    {
        var forwards = Evaluate(Batches(4), [Pgd]);
        var backwards = Evaluate(Batches(4).Reverse(), [Pgd]);

        Assert.Equal(forwards.WorstCaseTally, backwards.WorstCaseTally);
        for (var i = 0; i < 2; i++)
            Assert.Equal(forwards.Conditions[i].Tally, backwards.Conditions[i].Tally);
        // The last batch, three examples, comes first.
        Assert.Equal(forwards.Conditions[1].Correct.Skip(20), backwards.Conditions[1].Correct.Take(3));
        Assert.Equal(forwards.Labels.Skip(20), backwards.Labels.Take(3));
    }

    [Fact]
    public void Accuracy_equals_a_count_by_hand()
    {
        using var scope = NewDisposeScope();
        // Class 1 where the pixel is above 0.5, else class 0.
        var network = new LinearClassifier([[0], [1]], [0.5f, 0]);
        var images = tensor([0.1f, 0.9f, 0.45f, 0.55f, 0.9f], [5, 1, 1, 1]);
        var batch = new ImageBatch(images, tensor([0L, 1L, 0L, 1L, 0L]), [0, 1, 2, 3, 4]);

        // 0.1 grey range: 0.45 and 0.55 fall over, 0.1 and 0.9 stand; the last is wrong from the start.
        var outcome = Evaluate([batch], [PgdAttack.Fgsm(Budget.LInf(25.5))], network);

        Assert.Equal([true, true, true, true, false], outcome.Conditions[0].Correct);
        Assert.Equal(0.8, outcome.Conditions[0].Tally.Accuracy, 12);
        Assert.Equal([true, true, false, false, false], outcome.Conditions[1].Correct);
        Assert.Equal(0.4, outcome.Conditions[1].Tally.Accuracy, 12);
        Assert.Equal(0.1, outcome.Conditions[1].LargestDistance, 1e-6);
    }

    [Fact]
    public void The_worst_case_is_correct_only_where_every_condition_is()
    {
        using var scope = NewDisposeScope();
        var network = new LinearClassifier([[0], [1]], [0.5f, 0]);
        var images = tensor([0.45f, 0.55f, 0.1f, 0.9f], [4, 1, 1, 1]);
        var batch = new ImageBatch(images, tensor([0L, 1L, 0L, 0L]), [0, 1, 2, 3]);
        Attack[] attacks = [new ShiftAttack(Budget.LInf(25.5), 0.1f), new ShiftAttack(Budget.LInf(25.5), -0.1f)];

        var outcome = Evaluate([batch], attacks, network);

        Assert.Equal([false, true, true, false], outcome.Conditions[1].Correct);
        Assert.Equal([true, false, true, false], outcome.Conditions[2].Correct);
        Assert.Equal([false, false, true, false], outcome.WorstCase);
        Assert.Equal(new Tally(1, 4), outcome.WorstCaseTally);
    }

    [Fact]
    public void Scores_are_probabilities()
    {
        var outcome = Evaluate(7, [Pgd]);

        Assert.All(outcome.Conditions.SelectMany(condition => condition.Scores), scores => Assert.Equal(1, scores.Sum(), 1e-5));
        Assert.All(outcome.Conditions, condition => Assert.All(condition.Scores, scores => Assert.Equal(3, scores.Length)));
    }

    [Theory]
    [InlineData(0.2f)]
    [InlineData(float.NaN)]
    public void An_attack_that_leaves_its_budget_or_gives_no_numbers_is_refused(float shift)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Evaluate(7, [new ShiftAttack(Budget.LInf(8), shift) { Clips = false }]));

        Assert.Contains("moved an image by", exception.Message, StringComparison.Ordinal);
        Assert.Contains("L-inf 8/255", exception.Message, StringComparison.Ordinal);
        Assert.Contains("shift", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(-1f)]
    public void An_attack_that_leaves_the_pixel_range_is_refused(float shift)
    {
        var exception = Assert.Throws<InvalidOperationException>(() => Evaluate(7, [new ShiftAttack(Budget.LInf(255), shift) { Clips = false }]));

        Assert.Contains("pixels lie in [0, 1]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_stops_after_the_batch_in_hand()
    {
        using var source = new CancellationTokenSource();
        var drawn = 0;
        var progress = new Heard(_ => source.Cancel());

        Assert.Throws<OperationCanceledException>(() => RobustnessEvaluator.Evaluate(
            Network, Batches(4).Select(batch => { drawn++; return batch; }), [Pgd], CPU, new Seed(1), progress, source.Token));

        Assert.Equal(1, drawn);
    }

    [Fact]
    public void Cancellation_stops_an_attack_at_its_next_look_at_the_network()
    {
        using var source = new CancellationTokenSource();
        var looks = 0;
        var network = new WatchingClassifier(Network, _ =>
        {
            if (++looks == 3)
                source.Cancel();
        });

        // One look at the clean images and two steps of four.
        Assert.Throws<OperationCanceledException>(() => RobustnessEvaluator.Evaluate(
            network, Batches(Count), [Pgd], CPU, new Seed(1), progress: null, source.Token));

        Assert.Equal(3, looks);
    }

    [Fact]
    public void Progress_tells_of_every_batch_in_every_condition()
    {
        var heard = new List<EvaluationProgress>();

        var outcome = RobustnessEvaluator.Evaluate(Network, Batches(10), [Pgd], CPU, new Seed(1), new Heard(heard.Add), CancellationToken.None);

        Assert.Equal(["clean", "PGD-4", "clean", "PGD-4", "clean", "PGD-4"], heard.Select(report => report.Condition));
        Assert.Equal([10, 10, 20, 20, 23, 23], heard.Select(report => report.Examples));
        Assert.Equal(outcome.Conditions[1].Tally.Accuracy, heard[^1].Accuracy, 12);
    }

    [Fact]
    public void Batches_are_disposed_and_nothing_stays_alive()
    {
        using var scope = NewDisposeScope();
        _ = Network;
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Evaluate(4, [Pgd]);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private const int Count = 23;

    private static LinearClassifier Network { get; } = LinearClassifier.Of(3, 9, scale: 0.5);

    private static EvaluationOutcome Evaluate(int batchSize, IReadOnlyList<Attack> attacks) => Evaluate(Batches(batchSize), attacks);

    private static EvaluationOutcome Evaluate(IEnumerable<ImageBatch> batches, IReadOnlyList<Attack> attacks, IImageClassifier? network = null) =>
        RobustnessEvaluator.Evaluate(network ?? Network, batches, attacks, CPU, new Seed(1), progress: null, CancellationToken.None);

    /// <summary>The same 23 examples, cut anew.</summary>
    private static IEnumerable<ImageBatch> Batches(int batchSize)
    {
        for (var first = 0; first < Count; first += batchSize)
            yield return Batch(first, Math.Min(first + batchSize, Count));
    }

    private static ImageBatch Batch(int first, int last)
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Uniform(Count, 1, 3, 3)[first..last].clone().DetachFromDisposeScope();
        var labels = TestImages.Labels(Count, 3)[first..last].clone().DetachFromDisposeScope();
        return new ImageBatch(images, labels, [.. Enumerable.Range(first, last - first).Select(row => (long)row)]);
    }

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

    /// <summary>Adds a number to every pixel; an honest attack only as long as it clips and the number is within the budget.</summary>
    private sealed record ShiftAttack(Budget Budget, float Shift) : Attack(Budget)
    {
        public bool Clips { get; init; } = true;

        public override string Name => "shift";

        protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random) =>
            Clips ? images.Plus(Shift).ClampInPlace(0, 1) : images.Plus(Shift);
    }

    private sealed class Heard(Action<EvaluationProgress> hear) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => hear(value);
    }
}
