using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>The radius of training attacks in the first epochs.</summary>
public class BudgetWarmupTests
{
    [Fact]
    public void The_radius_rises_from_zero_in_a_straight_line_and_stays_there()
    {
        var radii = new List<double>();
        var options = TinyProblem.Options with { Epochs = 3, BudgetWarmupEpochs = 1.5, Method = new Noting(step => radii.Add(255 * step.BudgetNow(Budget.LInf(16)).Radius)) };
        using var network = TinyProblem.Network();

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4), 2);

        foreach (var (expected, radius) in new[] { 0, 16 / 3.0, 32 / 3.0, 16, 16, 16 }.Zip(radii))
            Assert.Equal(expected, radius, 1e-9);
        Assert.Equal(6, radii.Count);
    }

    [Fact]
    public void Crafted_images_keep_within_the_radius_of_the_moment_also_those_of_an_ensembles_members()
    {
        using var scope = NewDisposeScope();
        var moved = new List<float>();
        var ensemble = new AttackEnsemble("two", Budget.LInf(16), [new PgdAttack(Budget.LInf(4)), new PgdAttack(Budget.LInf(16)) { StepSize = StepSize.GreyLevels(2) }]);
        var method = new Noting(step => moved.AddRange([Moved(step, new PgdAttack(Budget.LInf(16))), Moved(step, ensemble), Moved(step, new PgdAttack(Budget.L2(1)))]));
        using var network = TinyProblem.Network();

        TinyProblem.Train(network, TinyProblem.Options with { Epochs = 2, BudgetWarmupEpochs = 2, Method = method }, _ => TinyProblem.Batches(0, 4), 1);

        Assert.Equal([0, 0, 0], moved[..3]);
        Assert.Equal(8, 255 * moved[3], 0.01);
        Assert.Equal(8, 255 * moved[4], 0.01);
        Assert.Equal(0.5, moved[5], 1e-3);

        static float Moved(UpdateContext step, Attack attack) => attack.Budget.Distance(step.Craft(attack), step.Images).max().item<float>();
    }

    [Fact]
    public void What_cannot_rise_is_refused_by_name()
    {
        Assert.StartsWith("BudgetWarmupEpochs is 1, and PlainTraining has no attack whose budget could rise;", Refusal(new PlainTraining(), 1), StringComparison.Ordinal);
        Assert.StartsWith("BudgetWarmupEpochs is 3; expected at most Epochs, which is 2.", Refusal(TinyProblem.Pgd(1), 3), StringComparison.Ordinal);
        Assert.StartsWith("fixed cannot be scaled; expected FixedBudget to override Scaled.", Refusal(new AdversarialTraining(new PgdAttack(new FixedBudget())), 1), StringComparison.Ordinal);

        static string Refusal(TrainingMethod method, double epochs) =>
            Assert.Throws<ArgumentException>((TinyProblem.Options with { Method = method, BudgetWarmupEpochs = epochs }).Check).Message;
    }

    [Fact]
    public void Decorators_refuse_what_they_would_ignore_or_lack()
    {
        var l2 = new AdversarialTraining(new PgdAttack(Budget.L2(1)));

        Assert.StartsWith("LabelSmoothing of AdversarialWeightPerturbation is 0.1, and it makes no cross-entropy of its own", Refusal(new AdversarialWeightPerturbation(l2) { LabelSmoothing = 0.1 }), StringComparison.Ordinal);
        Assert.StartsWith("GradientAlignment goes around PlainTraining, which has no attack", Refusal(new GradientAlignment(new PlainTraining())), StringComparison.Ordinal);
        Assert.StartsWith("The source has a Weight for L-infinity budgets alone, and the attack's is L2 1;", Refusal(new GradientAlignment(l2)), StringComparison.Ordinal);
        Assert.StartsWith("AdversarialWeight is 0, CleanWeight 1 and CleanRatio 0: no image counts;", Refusal(new AdversarialWeightPerturbation(l2 with { AdversarialWeight = 0 })), StringComparison.Ordinal);

        static string Refusal(TrainingMethod method) => Assert.Throws<ArgumentException>(method.Check).Message;
    }

    private sealed record Noting(Action<UpdateContext> Look) : TrainingMethod
    {
        public override Attack? Attack => new PgdAttack(Budget.LInf(16));

        protected internal override void Step(UpdateContext step)
        {
            Look(step);
            step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Labels));
        }
    }

    private sealed record FixedBudget : Budget
    {
        public override double Radius => 1;

        public override double DefaultStepSize(int steps) => 1;

        public override Tensor RandomStart(Tensor images, ImageRandom random) => images;

        public override Tensor RandomDirection(Tensor images, ImageRandom random) => images;

        public override Tensor SteepestDirection(Tensor gradient) => gradient;

        public override Tensor Project(Tensor candidates, Tensor images) => images;

        public override Tensor Distance(Tensor candidates, Tensor images) => images;

        public override string ToString() => "fixed";

        protected override void Describe(Identity identity) => identity.AddNothing();
    }
}
