using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// One ascent of APGD (Croce &amp; Hein 2020, algorithm 1): z = P(x + eta d), x' = P(x + a (z - x) + (1 - a)(x - x before)); every image has a step size, a best point and a history of
/// its own.
/// </summary>
internal sealed class ApgdSearch : Search
{
    /// <summary>The share of a step that is new; the rest continues the last one.</summary>
    private const double Momentum = 0.75;

    /// <summary>Fewer rises than this share of a window's steps mean that the steps are too long.</summary>
    private const double LeastRises = 0.75;

    private readonly ApgdAttack attack;
    private readonly ApgdSchedule schedule;
    private readonly PerImage current, previous, best, last, stepSize, rises, bestAtCheck, wasHalved, isFound;
    private readonly PerImage? targets;
    private PerImage? gradient, value, bestGradient, bestValue;

    /// <summary>Answers learnt from; the first is of the start.</summary>
    private int looks;

    /// <param name="attack">Loss, goal and budget.</param>
    /// <param name="input">The clean images.</param>
    /// <param name="start">Where to begin, inside the ball.</param>
    /// <param name="firstStep">The first step's length.</param>
    /// <param name="schedule">When to look back, and how many steps there are.</param>
    public ApgdSearch(ApgdAttack attack, SearchInput input, Tensor start, double firstStep, ApgdSchedule schedule)
        : base(input)
    {
        (this.attack, this.schedule) = (attack, schedule);
        targets = attack.Goal.ChooseTargets(input) is { } chosen ? Own(chosen) : null;
        (current, previous, best, last) = (Own(start), Own(start), Own(start), Own(start));
        var none = zeros([start.shape[0]], device: start.device);
        (stepSize, rises, bestAtCheck) = (Own(none.Plus(firstStep)), Own(none), Own(none));
        // No first check finds the step size unchanged since a check before it.
        (wasHalved, isFound) = (Own(ones_like(none).to(@bool)), Own(none.to(@bool)));
    }

    public override Tensor? Candidates => looks <= schedule.Steps ? current.Value : null;

    public override AttackLoss? Loss => attack.Loss;

    public override Tensor? Targets => targets?.Value;

    public override int Samples => attack.GradientSamples;

    /// <summary>The last misclassified point of each image, else the one with the highest loss.</summary>
    public override Tensor Result => where(isFound.Wide, last.Value, best.Value);

    /// <summary>The length of each image's next step; float32 [batch].</summary>
    public Tensor StepSize => stepSize.Value;

    public override void Learn(NetworkAnswer answer)
    {
        if (looks == 0)
        {
            (gradient, bestGradient) = (Own(answer.Gradient!), Own(answer.Gradient!));
            (value, bestValue) = (Own(answer.Losses!), Own(answer.Losses!));
            bestAtCheck.Value = answer.Losses!;
        }
        else
        {
            rises.Value = rises.Value.Plus((answer.Losses! > value!.Value).to(float32));
            (gradient!.Value, value.Value) = (answer.Gradient!, answer.Losses!);
            Remember();
        }
        last.Value = where(answer.IsMisclassified.view(-1, 1, 1, 1), current.Value, last.Value);
        isFound.Value = isFound.Value.logical_or(answer.IsMisclassified);
        if (looks > 0 && schedule.WindowEndingAt(looks - 1) is { } window)
            CheckProgress(window);
        looks++;
        if (looks <= schedule.Steps)
            Step();
    }

    private void Step()
    {
        var share = looks == 1 ? 1 : Momentum;
        var ahead = attack.Budget.Project(current.Value.Plus(attack.Budget.SteepestDirection(gradient!.Value).mul(stepSize.Wide)), Images);
        var next = current.Value.PlusScaled(ahead.sub(current.Value), share).PlusScaled(current.Value.sub(previous.Value), 1 - share);
        previous.Value = current.Value;
        current.Value = attack.Budget.Project(next, Images);
    }

    private void Remember()
    {
        var rose = value!.Value > bestValue!.Value;
        var wide = rose.view(-1, 1, 1, 1);
        best.Value = where(wide, current.Value, best.Value);
        bestGradient!.Value = where(wide, gradient!.Value, bestGradient.Value);
        // A maximum would keep a loss that is no number for good.
        bestValue.Value = where(rose, value.Value, bestValue.Value);
    }

    /// <summary>Halves the step and returns to the best point where the last steps rose too seldom, or where nothing came of a step size that was kept.</summary>
    private void CheckProgress(int window)
    {
        var seldom = rises.Value.IsAtMost(LeastRises * window);
        var idle = wasHalved.Value.logical_not().logical_and(bestAtCheck.Value >= bestValue!.Value);
        var halve = seldom.logical_or(idle);
        var wide = halve.view(-1, 1, 1, 1);
        wasHalved.Value = halve;
        bestAtCheck.Value = bestValue.Value;
        rises.Value = zeros_like(rises.Value);
        stepSize.Value = where(halve, stepSize.Value.Times(0.5), stepSize.Value);
        current.Value = where(wide, best.Value, current.Value);
        gradient!.Value = where(wide, bestGradient!.Value, gradient.Value);
    }
}
