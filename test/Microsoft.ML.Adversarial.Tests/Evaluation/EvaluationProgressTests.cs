using Microsoft.ML.Adversarial.Tests.Attacks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

/// <summary>What an evaluation tells on its way, and how it is stopped.</summary>
public class EvaluationProgressTests
{
    private static readonly Attack Pgd = new PgdAttack(Budget.LInf(16)) { Steps = 4 };

    [Fact]
    public void Cancellation_stops_after_the_batch_in_hand()
    {
        using var source = new CancellationTokenSource();
        var drawn = 0;
        var progress = new Heard(_ => source.Cancel());

        Assert.Throws<OperationCanceledException>(() => new RobustnessEvaluator(EvaluatedExamples.Network, [Pgd], CPU, new Seed(1)) { Progress = progress, Cancellation = source.Token }
            .Evaluate(EvaluatedExamples.Batches(4).Select(batch => { drawn++; return batch; })));

        Assert.Equal(1, drawn);
    }

    [Fact]
    public void Cancellation_stops_an_attack_at_its_next_look_at_the_network()
    {
        using var source = new CancellationTokenSource();
        var looks = 0;
        var network = new WatchingClassifier(EvaluatedExamples.Network, _ =>
        {
            if (++looks == 3)
                source.Cancel();
        });

        // One look at the clean images and two steps of four.
        Assert.Throws<OperationCanceledException>(() => new RobustnessEvaluator(network, [Pgd], CPU, new Seed(1)) { Cancellation = source.Token }.Evaluate(EvaluatedExamples.Batches(EvaluatedExamples.Count)));

        Assert.Equal(3, looks);
    }

    [Fact]
    public void Progress_tells_of_every_batch_in_every_condition()
    {
        var heard = new List<EvaluationProgress>();

        var outcome = new RobustnessEvaluator(EvaluatedExamples.Network, [Pgd], CPU, new Seed(1)) { Progress = new Heard(heard.Add), Total = EvaluatedExamples.Count }.Evaluate(EvaluatedExamples.Batches(10));

        Assert.Equal(["clean", "PGD-4", "clean", "PGD-4", "clean", "PGD-4"], heard.Select(report => report.Condition));
        Assert.Equal([10, 10, 20, 20, 23, 23], heard.Select(report => report.Examples));
        Assert.Equal(outcome.Conditions[1].Tally.Accuracy, heard[^1].Accuracy, 12);
        Assert.All(heard, report => Assert.Equal(EvaluatedExamples.Count, report.Total));
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

        var outcome = new RobustnessEvaluator(EvaluatedExamples.Network, [ensemble], CPU, new Seed(1)) { Progress = new Heard(heard.Add), Total = EvaluatedExamples.Count }.Evaluate(EvaluatedExamples.Batches(12));

        Assert.Equal(["clean", "two after PGD-4", "two", "clean", "two after PGD-4", "two"], heard.Select(report => report.Condition));
        Assert.Equal([12, 12, 12, 23, 23, 23], heard.Select(report => report.Examples));
        Assert.Equal([true, true, false, false, false, false], heard.Select(report => report.Remaining is null));
        Assert.Equal(TimeSpan.Zero, heard[^1].Remaining);
        Assert.True(heard[^2].Remaining > TimeSpan.Zero);
        Assert.True(heard[^2].Accuracy >= heard[^1].Accuracy);
        Assert.Equal(outcome.Conditions[1].Tally.Accuracy, heard[^1].Accuracy, 12);
    }

    private sealed class Heard(Action<EvaluationProgress> hear) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => hear(value);
    }
}
