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
        var images = tensor([0.1f, 0.9f, 0.45f, 0.55f, 0.9f], [5, 1, 1, 1]);
        var batch = new ImageBatch(images, tensor([0L, 1L, 0L, 1L, 0L]), [0, 1, 2, 3, 4]);

        // 0.1 grey range: 0.45 and 0.55 fall over, 0.1 and 0.9 stand; the last is wrong from the start.
        var outcome = Evaluate([batch], [PgdAttack.Fgsm(Budget.LInf(25.5))], Threshold);

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
        Attack[] attacks = [new ShiftAttack(Budget.LInf(25.5), 0.1f), new ShiftAttack(Budget.LInf(25.5), -0.1f)];

        var outcome = Evaluate([FourPixels()], attacks, Threshold);

        Assert.Equal([false, true, true, false], outcome.Conditions[1].Correct);
        Assert.Equal([true, false, true, false], outcome.Conditions[2].Correct);
        Assert.Equal([false, false, true, false], outcome.WorstCase);
        Assert.Equal(new Tally(1, 4), outcome.WorstCaseTally);
        Assert.Equal(new Tally(2, 3), outcome.TallyOf(0, outcome.Conditions[2].Correct));
        Assert.Equal(new Tally(0, 1), outcome.TallyOf(1, outcome.Conditions[2].Correct));
    }

    [Fact]
    public void A_misclassified_example_is_not_attacked_and_cannot_be_put_right()
    {
        using var scope = NewDisposeScope();
        // The last pixel is above the threshold and labelled as below it: darkened, it would be classified as labelled.
        var outcome = Evaluate([FourPixels()], [new ShiftAttack(Budget.LInf(255), -0.9f)], Threshold);

        Assert.False(outcome.Conditions[1].Correct[3]);
        Assert.Equal(outcome.Conditions[0].Scores[3], outcome.Conditions[1].Scores[3]);
        Assert.Equal(3, outcome.Conditions[1].Members.Single().Met);
        Assert.Equal(1, outcome.Conditions[1].Members.Single().Broken);
    }

    [Fact]
    public void A_member_of_an_ensemble_meets_what_those_before_it_left_and_the_tally_says_who_broke_how_many()
    {
        using var scope = NewDisposeScope();
        var budget = Budget.LInf(25.5);
        var ensemble = new AttackEnsemble("up and down", budget, [new ShiftAttack(budget, 0.1f), new ShiftAttack(budget, -0.1f), new ShiftAttack(budget, 0.05f)]);

        var outcome = Evaluate([FourPixels(), FourPixels()], [ensemble], Threshold);

        Assert.Equal([false, false, true, false, false, false, true, false], outcome.Conditions[1].Correct);
        Assert.Equal([6, 4, 2], outcome.Conditions[1].Members.Select(member => member.Met));
        Assert.Equal([2, 2, 0], outcome.Conditions[1].Members.Select(member => member.Broken));
        // The scores of a broken example are those that broke it, though a later shift would have left it right.
        Assert.True(outcome.Conditions[1].Scores[0][0] < 0.5);
        // One that stands keeps those that came closest, though a later shift came less close.
        Assert.Equal(Evaluate([FourPixels()], [new ShiftAttack(budget, 0.1f)], Threshold).Conditions[1].Scores[2], outcome.Conditions[1].Scores[2]);
    }

    [Fact]
    public void An_ensemble_in_the_evaluation_breaks_what_it_breaks_by_itself()
    {
        using var scope = NewDisposeScope();
        var ensemble = new AttackEnsemble("PGD and Square", Budget.LInf(16), [new PgdAttack(Budget.LInf(16)) { Steps = 2 }, new SquareAttack(Budget.LInf(16)) { Queries = 20 }]);
        using var batch = Batch(0, Count);
        var root = new Seed(1).For(ensemble.ToString());

        var outcome = Evaluate([Batch(0, Count)], [ensemble]);
        var adversarial = ensemble.Perturb(Network, batch.Images, batch.Labels, new ImageRandom(root, root.For(0), batch.Rows));

        Assert.Equal(outcome.Conditions[1].Correct, (Network.Logits(adversarial).argmax(1) == batch.Labels).data<bool>());
    }

    [Fact]
    public void Several_budgets_and_step_counts_in_one_call_measure_what_each_measures_alone()
    {
        Attack[] curve = [.. from levels in (double[])[4, 16] from steps in (int[])[1, 5] select new PgdAttack(Budget.LInf(levels)) { Steps = steps }];

        var together = Evaluate(7, curve);

        for (var i = 0; i < curve.Length; i++)
            Assert.Equal(Evaluate(7, [curve[i]]).Conditions[1].Correct, together.Conditions[i + 1].Correct);
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

        Assert.Throws<OperationCanceledException>(() => new RobustnessEvaluator(Network, [Pgd], CPU, new Seed(1)) { Progress = progress, Cancellation = source.Token }
            .Evaluate(Batches(4).Select(batch => { drawn++; return batch; })));

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
        Assert.Throws<OperationCanceledException>(() => new RobustnessEvaluator(network, [Pgd], CPU, new Seed(1)) { Cancellation = source.Token }.Evaluate(Batches(Count)));

        Assert.Equal(3, looks);
    }

    [Fact]
    public void Progress_tells_of_every_batch_in_every_condition()
    {
        var heard = new List<EvaluationProgress>();

        var outcome = new RobustnessEvaluator(Network, [Pgd], CPU, new Seed(1)) { Progress = new Heard(heard.Add), Total = Count }.Evaluate(Batches(10));

        Assert.Equal(["clean", "PGD-4", "clean", "PGD-4", "clean", "PGD-4"], heard.Select(report => report.Condition));
        Assert.Equal([10, 10, 20, 20, 23, 23], heard.Select(report => report.Examples));
        Assert.Equal(outcome.Conditions[1].Tally.Accuracy, heard[^1].Accuracy, 12);
        Assert.All(heard, report => Assert.Equal(Count, report.Total));
        // Nothing is known before a batch has met everything; at the end nothing is left.
        Assert.Null(heard[0].Remaining);
        Assert.All(heard.Skip(1).SkipLast(1), report => Assert.True(report.Remaining > TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, heard[^1].Remaining);
    }

    [Fact]
    public void Progress_names_the_members_of_an_ensemble_and_counts_a_batch_when_all_have_met_it()
    {
        var heard = new List<EvaluationProgress>();
        var ensemble = new AttackEnsemble("two", Pgd.Budget, [Pgd, new SquareAttack(Pgd.Budget) { Queries = 5 }]);

        var outcome = new RobustnessEvaluator(Network, [ensemble], CPU, new Seed(1)) { Progress = new Heard(heard.Add), Total = Count }.Evaluate(Batches(12));

        Assert.Equal(["clean", "two after PGD-4", "two", "clean", "two after PGD-4", "two"], heard.Select(report => report.Condition));
        Assert.Equal([12, 12, 12, 23, 23, 23], heard.Select(report => report.Examples));
        Assert.Equal([true, true, false, false, false, false], heard.Select(report => report.Remaining is null));
        Assert.Equal(TimeSpan.Zero, heard[^1].Remaining);
        Assert.True(heard[^2].Remaining > TimeSpan.Zero);
        Assert.True(heard[^2].Accuracy >= heard[^1].Accuracy);
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

    /// <summary>Class 1 where the pixel is above 0.5, else class 0.</summary>
    private static LinearClassifier Threshold { get; } = new([[0], [1]], [0.5f, 0]);

    /// <summary>Just below the threshold, just above, far below, far above; the last is labelled wrongly.</summary>
    private static ImageBatch FourPixels() => new(tensor([0.45f, 0.55f, 0.1f, 0.9f], [4, 1, 1, 1]), tensor([0L, 1L, 0L, 0L]), [0, 1, 2, 3]);

    private static LinearClassifier Network { get; } = LinearClassifier.Of(3, 9, scale: 0.5);

    private static EvaluationOutcome Evaluate(int batchSize, IReadOnlyList<Attack> attacks) => Evaluate(Batches(batchSize), attacks);

    private static EvaluationOutcome Evaluate(IEnumerable<ImageBatch> batches, IReadOnlyList<Attack> attacks, IImageClassifier? network = null) =>
        new RobustnessEvaluator(network ?? Network, attacks, CPU, new Seed(1)).Evaluate(batches);

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
