using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// One search of FAB (Croce &amp; Hein 2020, algorithm 1). Each step asks for the gradients of the boundaries at a point, one class after another, moves beyond the nearest of them, and
/// asks whether the image is misclassified there; if so, it goes back towards the clean image.
/// </summary>
internal sealed class FabSearch : Search
{
    /// <summary>The step beyond the boundary, the greatest pull towards the clean image, and the way back after a success: eta, alpha_max and beta of section 3.</summary>
    private const double Overshoot = 1.05, GreatestPull = 0.1, WayBack = 0.9;

    private readonly FabAttack attack;
    private readonly int boundaries;
    private readonly PerImage point, result, weights, value, shortest;
    private readonly PerImage? targets;
    private PerImage? next;

    /// <summary>Steps done, and boundaries at this point that are known.</summary>
    private int step, known;

    public FabSearch(FabAttack attack, SearchInput input, Tensor start)
        : base(input)
    {
        this.attack = attack;
        targets = attack.Goal.ChooseTargets(input) is { } chosen ? Own(chosen) : null;
        boundaries = targets is null ? input.Network.ClassCount - 1 : 1;
        (point, result, weights) = (Own(start), Own(Images), Own(zeros_like(start)));
        (value, shortest) = (Own(zeros([start.shape[0]], device: start.device)), Own(zeros([start.shape[0]], device: start.device)));
    }

    public override Tensor? Candidates => step == attack.Steps ? null : AsksBoundary ? point.Value : next!.Value;

    public override AttackLoss? Loss => AsksBoundary ? AttackLoss.LogitDifference : null;

    public override Tensor? Targets => targets?.Value ?? Labels.clone().AddInPlace(known + 1L).Modulo(boundaries + 1);

    /// <summary>The last point that was misclassified inside the budget, else where the search ended, projected.</summary>
    public override Tensor Result => result.Value;

    private bool AsksBoundary => known < boundaries;

    public override void Learn(NetworkAnswer answer)
    {
        if (AsksBoundary)
            TakeBoundary(new Hyperplane(point.Value, answer.Losses!, answer.Gradient!));
        else
            TakeStep(answer.IsMisclassified);
    }

    private void TakeBoundary(Hyperplane boundary)
    {
        var distance = boundary.Distance(attack.Budget);
        var isNearer = known == 0 ? ones_like(distance).to(@bool) : distance < shortest.Value;
        weights.Value = where(isNearer.view(-1, 1, 1, 1), boundary.Weights, weights.Value);
        value.Value = where(isNearer, boundary.Values, value.Value);
        shortest.Value = where(isNearer, distance, shortest.Value);
        known++;
        if (AsksBoundary)
            return;
        var beyond = Towards(new Hyperplane(point.Value, value.Value, weights.Value));
        if (next is null)
            next = Own(beyond);
        else
            next.Value = beyond;
    }

    private void TakeStep(Tensor isMisclassified)
    {
        var isFound = isMisclassified.logical_and(BudgetCheck.IsInside(attack.Budget, next!.Value, Images));
        result.Value = where(isFound.view(-1, 1, 1, 1), next.Value, attack.Budget.Project(next.Value, Images));
        point.Value = where(isMisclassified.view(-1, 1, 1, 1), Images.PlusScaled(next.Value.sub(Images), WayBack), next.Value);
        step++;
        known = 0;
    }

    /// <summary>
    /// From here and from the clean image onto the hyperplane that the boundary looks like from here, a little beyond; the nearer of the two counts more.
    /// </summary>
    private Tensor Towards(Hyperplane boundary)
    {
        const double smallest = 1e-8;
        var fromHere = boundary.ShortestWay(attack.Budget, point.Value);
        var fromClean = boundary.ShortestWay(attack.Budget, Images);
        var (length, cleanLength) = (Length(fromHere).Plus(smallest), Length(fromClean).Plus(smallest));
        var pull = length.div(length.Plus(cleanLength)).AtMost(GreatestPull).view(-1, 1, 1, 1);
        var here = point.Value.PlusScaled(fromHere, Overshoot);
        var there = Images.PlusScaled(fromClean, Overshoot);
        return here.Plus(there.sub(here).mul(pull)).ClampInPlace(0, 1);

        Tensor Length(Tensor way) => attack.Budget.Distance(way, zeros_like(way));
    }
}
