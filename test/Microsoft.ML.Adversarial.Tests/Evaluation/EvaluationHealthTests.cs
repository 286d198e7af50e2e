using Microsoft.ML.Adversarial.Tests.Attacks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

/// <summary>A sound evaluation is warned of nothing; every way in which numbers deceive is told by its name.</summary>
public class EvaluationHealthTests(AttackedNetworks networks) : IClassFixture<AttackedNetworks>
{
    private const int Count = 120;

    private static readonly Budget Small = Budget.LInf(4);

    [Fact]
    public void A_sound_network_under_sound_attacks_gets_no_warning()
    {
        Attack[] attacks =
        [
            new PgdAttack(Small) { Steps = 5 }, new PgdAttack(Small) { Steps = 20 }, new PgdAttack(Budget.LInf(2)) { Steps = 20 },
            new SquareAttack(Small) { Queries = 50 }, Short(AutoAttack.Standard(Small)),
        ];

        Assert.Empty(Warnings(networks["residual, frozen"], attacks));
    }

    [Fact]
    public void Answers_that_vary_are_told()
    {
        var calls = 0;
        var network = networks["residual, frozen"];

        Expect(EvaluationWarningKind.AnswersVary, "differently when asked twice", Answering(network, logits => logits.Plus(calls++ * 1e-4)), new PgdAttack(Small));
    }

    [Fact]
    public void Logits_that_are_probabilities_are_told() =>
        Expect(EvaluationWarningKind.AnswersAreProbabilities, "before the softmax", Answering(networks["residual, frozen"], logits => logits.softmax(1)), new PgdAttack(Small));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_network_that_hides_its_gradients_is_told(bool isQuantized) =>
        Expect(EvaluationWarningKind.GradientsVanish, "have no gradient", new MaskedClassifier(networks["residual, frozen"], isQuantized), new PgdAttack(Small));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Square_beating_PGD_is_told_within_an_ensemble_and_beside_it(bool isEnsemble)
    {
        var masked = new MaskedClassifier(networks["residual, frozen"], isQuantized: true);
        var (gradients, scores) = (new PgdAttack(Budget.LInf(8)) { Steps = 5 }, new SquareAttack(Budget.LInf(8)) { Queries = 100 });

        Expect(
            EvaluationWarningKind.ScoresBeatGradients, "Square (L-inf 8/255, 100 queries)", masked,
            isEnsemble ? [new AttackEnsemble("both", Budget.LInf(8), [gradients, scores])] : [gradients, scores]);
    }

    [Theory]
    [InlineData(1, 120, false)]
    [InlineData(2, 120, true)]
    [InlineData(2, 2000, false)]
    [InlineData(5, 2000, true)]
    public void What_Square_finds_behind_the_gradients_is_told_from_two_in_a_thousand_and_two_examples_on(int found, int examples, bool isTold)
    {
        var attack = new AttackEnsemble("both", Small, [new PgdAttack(Small), new SquareAttack(Small)]);
        var outcome = Outcome(examples, (attack, examples / 2));
        outcome.Conditions[1].AddAttacked(Scored(1, examples / 2 - found, examples / 2) with { Member = 1 }, Found(examples / 2 - found, examples / 2), [.. outcome.Labels], 0);

        Assert.Equal(isTold, EvaluationHealth.Of(outcome).Any(warning => warning.Kind == EvaluationWarningKind.ScoresBeatGradients));
    }

    [Fact]
    public void More_steps_that_break_fewer_images_are_told()
    {
        Assert.Contains(EvaluationWarningKind.MoreStepsBreakFewer, Made(
            (new PgdAttack(Small) { Steps = 5 }, 40), (new PgdAttack(Small) { Steps = 50 }, 60)));
        Assert.DoesNotContain(EvaluationWarningKind.MoreStepsBreakFewer, Made(
            (new PgdAttack(Small) { Steps = 5 }, 40), (new PgdAttack(Small) { Steps = 50 }, 42)));
        Assert.DoesNotContain(EvaluationWarningKind.MoreStepsBreakFewer, Made(
            (new PgdAttack(Small) { Steps = 5 }, 40), (new PgdAttack(Small) { Steps = 50, Restarts = 2 }, 60)));
    }

    [Fact]
    public void A_larger_budget_that_breaks_fewer_images_is_told()
    {
        Assert.Contains(EvaluationWarningKind.LargerBudgetBreaksFewer, Made((new PgdAttack(Budget.LInf(4)), 40), (new PgdAttack(Budget.LInf(8)), 60)));
        Assert.DoesNotContain(EvaluationWarningKind.LargerBudgetBreaksFewer, Made((new PgdAttack(Budget.LInf(4)), 60), (new PgdAttack(Budget.LInf(8)), 40)));
        Assert.DoesNotContain(EvaluationWarningKind.LargerBudgetBreaksFewer, Made((new PgdAttack(Budget.L2(0.01)), 40), (new PgdAttack(Budget.LInf(8)), 60)));
        Assert.Contains(EvaluationWarningKind.LargerBudgetBreaksFewer, Made((AutoAttack.Standard(Budget.LInf(4)), 40), (AutoAttack.Standard(Budget.LInf(8)), 60)));
        Assert.DoesNotContain(EvaluationWarningKind.LargerBudgetBreaksFewer, Made((AutoAttack.Standard(Budget.LInf(4)), 40), (AutoAttack.Plus(Budget.LInf(8)), 60)));
    }

    [Fact]
    public void An_attack_that_breaks_nothing_is_told_unless_its_budget_is_nothing()
    {
        Assert.Contains(EvaluationWarningKind.AttackBreaksNothing, Made((new PgdAttack(Budget.LInf(8)), 120)));
        Assert.DoesNotContain(EvaluationWarningKind.AttackBreaksNothing, Made((new PgdAttack(Budget.LInf(8)), 119)));
        Assert.DoesNotContain(EvaluationWarningKind.AttackBreaksNothing, Made((new PgdAttack(Budget.LInf(0)), 120)));
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_told_and_count_as_misclassified()
    {
        using var scope = NewDisposeScope();
        var network = Answering(networks["residual, frozen"], logits => logits.Times(1e38).Times(1e38));
        var (images, labels) = TestImages.Quarters(Count, 3, 8);
        // Infinite logits of both signs: their softmax, and so every gradient, is no number.
        var batch = new ImageBatch(images, labels, [.. Enumerable.Range(0, Count).Select(row => (long)row)]);
        var silent = Answering(network, logits => logits.sub(logits));

        var outcome = new RobustnessEvaluator(silent, [new PgdAttack(Small) { Steps = 2 }], CPU, new Seed(3)).Evaluate([batch]);

        Assert.Equal(0, outcome.Conditions[0].Tally.Correct);
        Assert.Contains(EvaluationHealth.Of(outcome), warning => warning.Kind == EvaluationWarningKind.AnswersAreNotNumbers);
    }

    [Fact]
    public void Gradients_that_are_no_numbers_do_not_end_an_evaluation()
    {
        using var scope = NewDisposeScope();
        var network = Answering(networks["residual, frozen"], logits => logits.Times(1e38).Times(1e3));

        Assert.NotNull(Warnings(network, [new PgdAttack(Small) { Steps = 2 }, new ApgdAttack(Small) { Steps = 3 }]));
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void Fewer_than_a_hundred_examples_are_told(int examples, bool isTold)
    {
        var outcome = Outcome(examples, (new PgdAttack(Small), examples / 2));

        Assert.Equal(isTold, EvaluationHealth.Of(outcome).Any(warning => warning.Kind == EvaluationWarningKind.FewExamples));
    }

    private void Expect(EvaluationWarningKind kind, string said, IImageClassifier network, params Attack[] attacks)
    {
        var warning = Assert.Single(Warnings(network, attacks), warning => warning.Kind == kind);
        Assert.Contains(said, warning.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{kind}: ", warning.ToString(), StringComparison.Ordinal);
    }

    private static IReadOnlyList<EvaluationWarning> Warnings(IImageClassifier network, Attack[] attacks)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = TestImages.Quarters(Count, 3, 8);
        var batch = new ImageBatch(images, labels, [.. Enumerable.Range(0, Count).Select(row => (long)row)]);
        return EvaluationHealth.Of(new RobustnessEvaluator(network, attacks, CPU, new Seed(3)) { ChecksHealth = true }.Evaluate([batch]));
    }

    /// <summary>The warnings where all of 120 examples are right clean and so many stand under each attack.</summary>
    private static IEnumerable<EvaluationWarningKind> Made(params (Attack Attack, int Standing)[] attacks) =>
        EvaluationHealth.Of(Outcome(Count, attacks)).Select(warning => warning.Kind);

    private static EvaluationOutcome Outcome(int examples, params (Attack Attack, int Standing)[] attacks)
    {
        long[] labels = [.. Enumerable.Repeat(0L, examples)];
        var clean = new ConditionOutcome(null, 2);
        clean.AddClean(Scored(0, examples, examples), Found(examples, examples), labels);
        var conditions = attacks.Select((attacked, index) =>
        {
            var condition = new ConditionOutcome(attacked.Attack, 2);
            condition.AddClean(clean, 0);
            condition.AddAttacked(Scored(index + 1, attacked.Standing, examples), Found(attacked.Standing, examples), labels, 0);
            return condition;
        });
        return new EvaluationOutcome(labels, [clean, .. conditions], null);
    }

    private static long[] Found(int standing, int examples) => [.. Enumerable.Range(0, examples).Select(example => example < standing ? 0L : 1)];

    private static EvaluatedImages Scored(int condition, int standing, int examples) => new()
    {
        FirstRow = 0,
        Condition = condition,
        Member = 0,
        Batch = "",
        Positions = [.. Enumerable.Range(0, examples).Select(example => (long)example)],
        Logits = [.. Enumerable.Range(0, examples).SelectMany(example => example < standing ? new[] { 1f, 0f } : [0f, 1f])],
    };

    private static AttackEnsemble Short(AttackEnsemble version) => new(version.Name, version.Budget, [.. version.Members.Select(member => member switch
    {
        ApgdAttack apgd => apgd with { Steps = 20 },
        FabAttack fab => fab with { Steps = 10 },
        SquareAttack square => square with { Queries = 50 },
        _ => member,
    })]);

    private static AnsweringClassifier Answering(IImageClassifier inner, Func<Tensor, Tensor> answer) => new(inner, answer);

    private sealed class AnsweringClassifier(IImageClassifier inner, Func<Tensor, Tensor> answer) : IImageClassifier
    {
        public int ClassCount => inner.ClassCount;

        public Tensor Logits(Tensor images) => answer(inner.Logits(images));
    }
}
