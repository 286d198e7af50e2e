using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Auto-PGD: gradient steps with momentum whose size halves by itself where progress stalls, so that there is no step size to choose (Croce &amp; Hein 2020,
/// "Reliable evaluation of adversarial robustness", section 3, algorithm 1). An image is left alone once it is misclassified.
/// </summary>
public sealed record ApgdAttack : Attack
{
    /// <summary>The step at the start, in radii (section 3).</summary>
    private const double FirstStepRadii = 2;

    /// <summary>APGD within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public ApgdAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>What is raised.</summary>
    /// <value>Default <see cref="AttackLoss.CrossEntropy"/>.</value>
    public AttackLoss Loss { get; init => field = Require.NotNull(value); } = AttackLoss.CrossEntropy;

    /// <summary>Gradient steps from each start.</summary>
    /// <value>Default 100, as in AutoAttack; from 1 to 10 000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 100;

    /// <summary>Random starts, for each target where the loss has targets.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>Gradients averaged at each step, for networks that are random themselves (expectation over transformation, Athalye et al. 2018, section 4).</summary>
    /// <value>Default 1; from 1 to 1000. AutoAttack's randomised version takes 20.</value>
    public int GradientSamples { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <inheritdoc/>
    public override string Name => $"APGD-{Loss.Abbreviation}";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Budget}, {Loss}, {Steps} steps{(Restarts > 1 ? $", {Restarts} restarts" : "")}{(GradientSamples > 1 ? $", {GradientSamples} gradient samples" : "")})";

    /// <inheritdoc/>
    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Require.NotNull(network, nameof(network));
        var survivors = new Survivors(network, images, labels, random, images);
        var aims = Loss.AimCount(network.ClassCount);
        for (var aim = 0; aim < aims; aim++)
        {
            var current = aim;
            for (var restart = 0; restart < Restarts; restart++)
                survivors.Meet((seen, truth, streams) => Climb(network, seen, truth, streams, current), (long)aim * Restarts + restart);
        }
        return survivors.Images;
    }

    private Tensor Climb(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random, int aim)
    {
        var targets = Loss.ChooseTargets(network, images, labels, aim);
        var start = Budget.Project(images.PlusScaled(Budget.RandomDirection(images, random), Budget.Radius), images);
        var climb = new ApgdClimb(Budget, images, start, FirstStepRadii * Budget.Radius, Look);
        var schedule = new ApgdSchedule(Steps);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            climb.Step(isFirst: step == 0);
            if (schedule.WindowEndingAt(step) is { } window)
                climb.CheckProgress(window);
        }
        return climb.Result;

        LossGradient Look(Tensor seen)
        {
            var sum = LossGradient.Of(Loss, network, seen, labels, targets);
            for (var sample = 1; sample < GradientSamples; sample++)
            {
                var next = LossGradient.Of(Loss, network, seen, labels, targets);
                sum = new LossGradient(sum.Gradient.Plus(next.Gradient), sum.Values.Plus(next.Values), sum.IsBroken.logical_or(next.IsBroken));
            }
            return sum;
        }
    }
}
