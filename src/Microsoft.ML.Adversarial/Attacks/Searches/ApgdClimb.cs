using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One ascent of APGD (Croce &amp; Hein 2020, algorithm 1); every image has a step size, a best point and a history of its own. Lives in the dispose scope in which it was made.</summary>
internal sealed class ApgdClimb
{
    /// <summary>The share of a step that is new; the rest continues the last one.</summary>
    private const double Momentum = 0.75;

    /// <summary>Fewer rises than this share of a window's steps mean that the steps are too long.</summary>
    private const double LeastRises = 0.75;

    private readonly Budget budget;
    private readonly Tensor images;
    private readonly Func<Tensor, LossGradient> look;

    private readonly Tensor current, previous, gradient, value;
    private readonly Tensor best, bestGradient, bestValue;
    private readonly Tensor stepSize, rises, bestAtCheck, wasHalved, isBroken;

    /// <param name="budget">The ball to stay in.</param>
    /// <param name="images">The clean images.</param>
    /// <param name="start">Where to begin, inside the ball.</param>
    /// <param name="firstStep">The first step's length.</param>
    /// <param name="look">Loss, gradient and success of some images, in the order of <paramref name="images"/>.</param>
    public ApgdClimb(Budget budget, Tensor images, Tensor start, double firstStep, Func<Tensor, LossGradient> look)
    {
        this.budget = budget;
        this.images = images;
        this.look = look;
        (var first, value, isBroken) = look(start);
        // It is written over: autograd may hand out one number for many pixels.
        gradient = first.clone();
        (current, previous, Result) = (start.clone(), start.clone(), start.clone());
        (best, bestGradient, bestValue) = (start.clone(), gradient.clone(), value.clone());
        stepSize = ones_like(value).TimesInPlace(firstStep);
        rises = zeros_like(value);
        bestAtCheck = value.clone();
        // No first check finds the step size unchanged since a check before it.
        wasHalved = ones_like(value).to(@bool);
    }

    /// <summary>The last misclassified point of each image, else the one with the highest loss.</summary>
    public Tensor Result { get; }

    /// <summary>The length of each image's next step; float32 [batch].</summary>
    public Tensor StepSize => stepSize;

    /// <summary>z = P(x + eta d); x' = P(x + a (z - x) + (1 - a)(x - x before)).</summary>
    public void Step(bool isFirst)
    {
        var share = isFirst ? 1 : Momentum;
        var ahead = budget.Project(current.Plus(budget.SteepestDirection(gradient).mul(PerImage(stepSize))), images);
        var next = budget.Project(current.PlusScaled(ahead.sub(current), share).PlusScaled(current.sub(previous), 1 - share), images);
        previous.copy_(current);
        current.copy_(next);

        var seen = look(current);
        rises.AddInPlace((seen.Values > value).to(float32));
        gradient.copy_(seen.Gradient);
        value.copy_(seen.Values);
        Remember(seen.IsBroken);
    }

    /// <summary>Halves the step and returns to the best point where the last steps rose too seldom, or where nothing came of a step size that was kept.</summary>
    /// <param name="window">Steps since the last check.</param>
    public void CheckProgress(int window)
    {
        var seldom = rises.IsAtMost(LeastRises * window);
        var idle = wasHalved.logical_not().logical_and(bestAtCheck >= bestValue);
        var halve = seldom.logical_or(idle);
        wasHalved.copy_(halve);
        bestAtCheck.copy_(bestValue);
        rises.zero_();
        stepSize.copy_(where(halve, stepSize.Times(0.5), stepSize));
        current.copy_(where(PerImage(halve), best, current));
        gradient.copy_(where(PerImage(halve), bestGradient, gradient));
    }

    private void Remember(Tensor brokenNow)
    {
        var rose = value > bestValue;
        best.copy_(where(PerImage(rose), current, best));
        bestGradient.copy_(where(PerImage(rose), gradient, bestGradient));
        // A maximum would keep a loss that is no number for good.
        bestValue.copy_(where(rose, value, bestValue));
        isBroken.logical_or_(brokenNow);
        Result.copy_(where(PerImage(brokenNow), current, where(PerImage(isBroken), Result, best)));
    }

    private static Tensor PerImage(Tensor values) => values.view(-1, 1, 1, 1);
}
