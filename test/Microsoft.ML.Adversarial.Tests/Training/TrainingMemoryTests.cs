using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Tensors are counted, not hoped away: a run holds as many at its end as at its beginning, and never more for being longer.</summary>
public class TrainingMemoryTests
{
    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_run_leaves_as_many_tensors_as_it_found(int attackSteps)
    {
        using var network = TinyProblem.Network();
        var before = Live;

        TinyProblem.Train(network, Options(attackSteps), _ => TinyProblem.Batches(0, 4, 4, 2), 3);

        Assert.Equal(before, Live);
    }

    [Fact]
    public void The_number_of_tensors_grows_neither_with_steps_nor_with_epochs_nor_with_steps_of_the_attack()
    {
        var few = LiveAtReports(attackSteps: 2);
        var many = LiveAtReports(attackSteps: 20);

        Assert.Equal(6, few.Count);
        Assert.Single(few.Concat(many).Distinct());
    }

    /// <summary>The peak: what is alive inside each step of the attack, counted where its budget is asked to move the image.</summary>
    [Fact]
    public void Inside_the_attack_no_step_holds_more_than_the_one_before()
    {
        using var network = TinyProblem.Network();
        var budget = new CountingBudget();
        var objective = new AdversarialTraining(new PgdAttack(budget) { Steps = 20, StepSize = StepSize.Unit(0.01) });

        TinyProblem.Train(network, TinyProblem.Options with { Objective = objective }, _ => TinyProblem.Batches(0, 4, 4), 2);

        var steps = budget.Counts.Chunk(20).ToList();
        Assert.Equal(4, steps.Count);
        Assert.All(steps, counts => Assert.Single(counts.Distinct()));
        // The first update has no gradients and no momentum yet.
        Assert.Single(steps.Skip(1).Select(counts => counts[0]).Distinct());
    }

    [Fact]
    public void A_run_that_fails_leaves_as_many_tensors_as_it_found()
    {
        using var network = TinyProblem.Network();
        var before = Live;

        Assert.Throws<InvalidOperationException>(
            () => TinyProblem.Train(network, TinyProblem.Options with { Objective = new ScriptedLoss(1, double.NaN) }, _ => TinyProblem.Batches(0, 4, 4), 2));

        Assert.Equal(before, Live);
    }

    private static TrainingOptions Options(int attackSteps) =>
        TinyProblem.Options with { Objective = attackSteps == 0 ? new PlainTraining() : TinyProblem.Pgd(attackSteps) };

    private static List<long> LiveAtReports(int attackSteps)
    {
        using var network = TinyProblem.Network();
        var counts = new List<long>();
        var before = Live;
        TinyProblem.Train(network, Options(attackSteps), _ => TinyProblem.Batches(0, 4, 4, 2), 3, _ => counts.Add(Live - before));
        return counts;
    }

    private sealed record CountingBudget : Budget
    {
        public List<long> Counts { get; } = [];

        public override double Radius => 0.1;

        public override double DefaultStepSize(int steps) => Radius;

        public override Tensor RandomStart(Tensor images, ImageRandom random) => images.clone();

        public override Tensor RandomDirection(Tensor images, ImageRandom random) => zeros_like(images);

        public override Tensor SteepestDirection(Tensor gradient)
        {
            Counts.Add(Live);
            return gradient.sign();
        }

        public override Tensor Project(Tensor candidates, Tensor images) => candidates.clamp(images.Plus(-Radius), images.Plus(Radius));

        public override Tensor Distance(Tensor candidates, Tensor images) => (candidates - images).abs().flatten(1).amax([1]);
    }
}
