using Microsoft.ML.Adversarial.Tests.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

/// <summary>One run that answers for several attacks.</summary>
public class ReportedAttacksTests
{
    [Fact]
    public void One_run_of_PGD_reports_at_several_lengths_what_runs_of_those_lengths_do()
    {
        var longest = new PgdAttack(Budget.LInf(24)) { Steps = 12, StepSize = StepSize.GreyLevels(3), ReportAt = [1, 3] };

        var once = Evaluate([longest]);

        Assert.Equal(["PGD-1", "PGD-3", "PGD-12"], once.Conditions.Skip(1).Select(condition => condition.Name));
        Assert.True(once.Conditions.Skip(1).Select(condition => condition.Tally.Correct).Distinct().Count() > 1);
        foreach (var condition in once.Conditions.Skip(1))
        {
            var alone = Evaluate([condition.Attack!]).Conditions[1];
            Assert.Equal(alone.Correct, condition.Correct);
            Assert.All(alone.Scores.Zip(condition.Scores), pair => Assert.Equal(pair.First, pair.Second, (one, other) => Math.Abs(one - other) < 1e-5f));
        }
    }

    [Fact]
    public void One_run_of_FAB_reports_within_several_budgets_what_runs_within_those_do()
    {
        var widest = new FabAttack(Budget.LInf(24)) { Steps = 10, ReportWithin = [Budget.LInf(4), Budget.LInf(12)] };

        var once = Evaluate([widest]);

        Assert.Equal([4, 12, 24], once.Conditions.Skip(1).Select(condition => condition.Attack!.Budget.Radius * 255), (one, other) => Math.Abs(one - other) < 1e-9);
        Assert.True(once.Conditions.Skip(1).Select(condition => condition.Tally.Correct).Distinct().Count() > 1);
        foreach (var condition in once.Conditions.Skip(1))
            Assert.Equal(Evaluate([condition.Attack!]).Conditions[1].Correct, condition.Correct);
    }

    [Fact]
    public void An_epoch_is_selected_by_the_attack_itself_and_not_by_what_it_reports_beside_itself()
    {
        using var scope = NewDisposeScope();
        using var network = TinyProblem.Network(Normalization.Batch);
        TinyProblem.Train(network, TinyProblem.Options with { Epochs = 4 }, _ => TinyProblem.Batches(0, 4, 4, 4, 4, 4, 4), 6);
        var attack = new PgdAttack(Budget.LInf(48)) { Steps = 20, StepSize = StepSize.GreyLevels(5) };

        Assert.NotEqual(Robust(attack), Robust(attack with { Steps = 1 }));
        Assert.Equal(Robust(attack), Robust(attack with { ReportAt = [1] }));

        long Robust(PgdAttack selecting)
        {
            using var best = new BestWeights(network, new ModelSelection(selecting), ImageDomain.Adversarial, () => TinyProblem.Batches(100, 30), new Seed(1));
            return best.Measure([], 1, 0, CancellationToken.None)[0].RobustCorrect;
        }
    }

    [Fact]
    public void A_candidate_outside_the_pixel_range_does_not_count()
    {
        var outcome = Evaluate([new LeavingAttack(Budget.LInf(255))]);

        Assert.Equal(outcome.Conditions[0].Tally, outcome.Conditions[1].Tally);
    }

    [Fact]
    public void Reports_that_one_run_cannot_give_are_refused_by_name()
    {
        var attack = new PgdAttack(Budget.LInf(8)) { Steps = 10, ReportAt = [2, 5] };

        Assert.Contains("expected rising numbers from 1 to below Steps, which is 4", Assert.Throws<InvalidOperationException>(() => Evaluate([attack with { Steps = 4 }])).Message, StringComparison.Ordinal);
        Assert.Contains("has several starts", Assert.Throws<InvalidOperationException>(() => Evaluate([attack with { Restarts = 2 }])).Message, StringComparison.Ordinal);
        Assert.Contains("reports 3 attacks", Assert.Throws<ArgumentException>(() => new AttackEnsemble("both", Budget.LInf(8), [attack])).Message, StringComparison.Ordinal);
        Assert.Contains("expected budgets of one kind with rising radii", Assert.Throws<InvalidOperationException>(() => Evaluate([new FabAttack(Budget.LInf(4)) { ReportWithin = [Budget.LInf(8)] }])).Message, StringComparison.Ordinal);
    }

    /// <summary>Proposes images whose pixels are no pixels, and ends where it began.</summary>
    private sealed record LeavingAttack(Budget Allowed) : Attack(Allowed)
    {
        public override string Name => "leaving";

        protected internal override Search Begin(SearchInput input) => new LeavingSearch(input);

        private sealed class LeavingSearch(SearchInput input) : Search(input)
        {
            private int asked;

            public override Tensor? Candidates => asked == 4 ? null : ones_like(Images).Times(1.0 + 0.3 * asked).sub(Images.Times(2)).Plus(1e-3);

            public override Tensor Result => Images;

            public override void Learn(NetworkAnswer answer) => asked++;
        }
    }

    private static EvaluationOutcome Evaluate(IReadOnlyList<Attack> attacks) =>
        new RobustnessEvaluator(EvaluatedExamples.Network, attacks, CPU, new Seed(1)).Evaluate(EvaluatedExamples.Batches(7));
}
