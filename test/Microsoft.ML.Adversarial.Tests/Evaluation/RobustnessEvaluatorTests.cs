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

        Assert.Equal(EvaluatedExamples.Count, outcome.Labels.Count);
        Assert.Equal(Enumerable.Range(0, EvaluatedExamples.Count).Select(row => (long)(row % 3)), outcome.Labels);
        Assert.All(outcome.Conditions, condition => Assert.Equal(EvaluatedExamples.Count, condition.Tally.Total));
        Assert.All(outcome.Conditions, condition => Assert.Equal(EvaluatedExamples.Count, condition.Scores.Count));
        Assert.Equal(EvaluatedExamples.Count, outcome.WorstCaseTally.Total);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_batch_size()
    {
        var expected = Evaluate(EvaluatedExamples.Count, [Pgd]);
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
        var forwards = Evaluate(EvaluatedExamples.Batches(4), [Pgd]);
        var backwards = Evaluate(EvaluatedExamples.Batches(4).Reverse(), [Pgd]);

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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_ensemble_in_the_evaluation_breaks_what_it_breaks_by_itself(int members)
    {
        using var scope = NewDisposeScope();
        Attack[] both = [new PgdAttack(Budget.LInf(16)) { Steps = 2 }, new SquareAttack(Budget.LInf(16)) { Queries = 20 }];
        var ensemble = new AttackEnsemble("PGD and Square", Budget.LInf(16), both[..members]);
        using var batch = EvaluatedExamples.Batch(0, EvaluatedExamples.Count);
        var root = new Seed(1).For(nameof(AttackEnsemble));

        var outcome = Evaluate([EvaluatedExamples.Batch(0, EvaluatedExamples.Count)], [ensemble]);
        var adversarial = ensemble.Perturb(EvaluatedExamples.Network, batch.Images, batch.Labels, new ImageRandom(root, batch.Rows));

        var logits = EvaluatedExamples.Network.Logits(adversarial);
        Assert.Equal(outcome.Conditions[1].Correct, (logits.argmax(1) == batch.Labels).data<bool>());
        // The same images, not only as many: those that stand are scored alike to the last digits.
        var scores = logits.softmax(1);
        foreach (var standing in Enumerable.Range(0, EvaluatedExamples.Count).Where(example => outcome.Conditions[1].Correct[example]))
            AssertClose(outcome.Conditions[1].Scores[standing], [.. scores[standing].data<float>()]);
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
    public void Batches_are_disposed_and_nothing_stays_alive()
    {
        using var scope = NewDisposeScope();
        _ = (EvaluatedExamples.Network, Threshold);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Evaluate(4, [Pgd]);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Class 1 where the pixel is above 0.5, else class 0.</summary>
    private static LinearClassifier Threshold { get; } = new([[0], [1]], [0.5f, 0]);

    /// <summary>Just below the threshold, just above, far below, far above; the last is labelled wrongly.</summary>
    private static ImageBatch FourPixels() => new(tensor([0.45f, 0.55f, 0.1f, 0.9f], [4, 1, 1, 1]), tensor([0L, 1L, 0L, 0L]), [0, 1, 2, 3]);

    private static EvaluationOutcome Evaluate(int batchSize, IReadOnlyList<Attack> attacks) => Evaluate(EvaluatedExamples.Batches(batchSize), attacks);

    private static EvaluationOutcome Evaluate(IEnumerable<ImageBatch> batches, IReadOnlyList<Attack> attacks, IImageClassifier? network = null) =>
        new RobustnessEvaluator(network ?? EvaluatedExamples.Network, attacks, CPU, new Seed(1)).Evaluate(batches);

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

    /// <summary>Adds a number to every pixel; an honest attack only as long as it clips and the number is within the budget.</summary>
    private sealed record ShiftAttack(Budget Budget, float Shift) : Attack(Budget)
    {
        public bool Clips { get; init; } = true;

        public override string Name => "shift";

        protected internal override Search Begin(SearchInput input) =>
            Search.Once(input, Clips ? input.Images.Plus(Shift).ClampInPlace(0, 1) : input.Images.Plus(Shift));
    }
}
