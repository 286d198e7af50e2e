using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Fast adaptive boundary attack: looks for the nearest misclassified image by steps onto the boundary between two classes as it looks from here, pulled
/// back towards the clean image (Croce &amp; Hein 2020, "Minimally distorted adversarial examples with a fast adaptive boundary attack", section 3, algorithm 1). Knows
/// the budgets <see cref="Budget.LInf"/> and <see cref="Budget.L2"/>. It searches outside the budget too; an image is left alone once it is misclassified inside.
/// </summary>
public sealed record FabAttack : Attack
{
    /// <summary>The step beyond the boundary, the greatest pull towards the clean image, and the way back after a success: eta, alpha_max and beta of section 3.</summary>
    private const double Overshoot = 1.05, GreatestPull = 0.1, WayBack = 0.9;

    /// <summary>FAB within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public FabAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>Steps from each start.</summary>
    /// <value>Default 100, as in AutoAttack; from 1 to 10 000.</value>
    public int Steps { get; init => field = Require.InRange(value, 1, 10_000); } = 100;

    /// <summary>Starts tried for each target: the first at the clean image, the others at random points half a radius away.</summary>
    /// <value>Default 1; from 1 to 1000.</value>
    public int Restarts { get; init => field = Require.InRange(value, 1, 1000); } = 1;

    /// <summary>Wrong classes tried one after another, the likeliest on the clean image first (FAB-T); of K classes at most K - 1.</summary>
    /// <value>
    /// Default 9, as in AutoAttack; from 1 to 1000. Null: every step goes to the nearest of all boundaries (FAB), which takes a gradient of every class.
    /// </value>
    public int? Targets { get; init => field = value is { } targets ? Require.InRange(targets, 1, 1000) : null; } = 9;

    /// <inheritdoc/>
    public override string Name => Targets is null ? "FAB" : "FAB-T";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Budget}, {Steps} steps{(Targets is { } targets ? $", {targets} targets" : "")}{(Restarts > 1 ? $", {Restarts} restarts" : "")})";

    /// <inheritdoc/>
    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Require.NotNull(network, nameof(network));
        var survivors = new Survivors(network, images, labels, random, images);
        var aims = Targets is { } targets ? Math.Min(targets, network.ClassCount - 1) : 1;
        for (var aim = 0; aim < aims; aim++)
        {
            int? rank = Targets is null ? null : aim;
            for (var restart = 0; restart < Restarts; restart++)
            {
                var startsClean = restart == 0;
                survivors.Meet((seen, truth, streams) => Search(network, seen, truth, streams, rank, startsClean), (long)aim * Restarts + restart);
            }
        }
        return survivors.Images;
    }

    /// <returns>Misclassified images inside the budget where such were found, else where the search ended, projected onto the budget.</returns>
    private Tensor Search(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random, int? rank, bool startsClean)
    {
        var targets = rank is { } wanted ? LogitMargin.RankedWrongClasses(network.Logits(images), labels, wanted) : null;
        var current = startsClean
            ? images.clone()
            : images.PlusScaled(Budget.RandomDirection(images, random), Budget.Radius / 2).ClampInPlace(0, 1);
        var result = images.clone();
        var searching = TensorArithmetic.Positions(images.shape[0], images.device);
        for (var step = 0; step < Steps && searching.numel() > 0; step++)
        {
            using var scope = NewDisposeScope();
            var (clean, truth, point) = (images.index_select(0, searching), labels.index_select(0, searching), current.index_select(0, searching));
            var boundary = targets is null
                ? NearestBoundary(network, point, truth)
                : BoundaryTo(network, point, truth, targets.index_select(0, searching));
            var next = Towards(boundary, point, clean);

            var isBroken = network.Logits(next).argmax(1) != truth;
            var isFound = isBroken.logical_and(Budget.Distance(next, clean).IsAtMost(Budget.Radius));
            result.index_copy_(0, searching, where(PerImage(isFound), next, Budget.Project(next, clean)));
            current.index_copy_(0, searching, where(PerImage(isBroken), clean.PlusScaled(next.sub(clean), WayBack), next));
            using var before = searching;
            searching = searching.masked_select(isFound.logical_not()).MoveToOuterDisposeScope();
        }
        return result;
    }

    /// <summary>
    /// From here and from the clean image onto the hyperplane that the boundary looks like from here, a little beyond; the nearer of the two counts more.
    /// </summary>
    private Tensor Towards(Hyperplane boundary, Tensor point, Tensor clean)
    {
        const double smallest = 1e-8;
        var fromHere = boundary.ShortestWay(Budget, point);
        var fromClean = boundary.ShortestWay(Budget, clean);
        var (length, cleanLength) = (Length(fromHere).AddInPlace(smallest), Length(fromClean).AddInPlace(smallest));
        var pull = PerImage(length.div(length.Plus(cleanLength)).AtMost(GreatestPull));
        var here = point.PlusScaled(fromHere, Overshoot);
        var there = clean.PlusScaled(fromClean, Overshoot);
        return here.Plus(there.sub(here).mul(pull)).ClampInPlace(0, 1);

        Tensor Length(Tensor way) => Budget.Distance(way, zeros_like(way));
    }

    /// <summary>z_t = z_y, linear around the point.</summary>
    private static Hyperplane BoundaryTo(IImageClassifier network, Tensor point, Tensor labels, Tensor targets)
    {
        using var gradients = enable_grad();
        var variable = point.detach().requires_grad_();
        var logits = network.Logits(variable);
        var ahead = logits.gather(1, targets.unsqueeze(1)).sub(logits.gather(1, labels.unsqueeze(1))).squeeze(1);
        return Hyperplane.Where(ahead.detach(), autograd.grad([ahead.sum()], [variable])[0], point);
    }

    private Hyperplane NearestBoundary(IImageClassifier network, Tensor point, Tensor labels)
    {
        Hyperplane? nearest = null;
        Tensor? shortest = null;
        for (var rank = 0; rank < network.ClassCount - 1; rank++)
        {
            var targets = labels.clone().AddInPlace(rank + 1L).Modulo(network.ClassCount);
            var boundary = BoundaryTo(network, point, labels, targets);
            var distance = boundary.Distance(Budget, point);
            var isNearer = shortest is null ? ones_like(distance).to(@bool) : distance < shortest;
            nearest = nearest is null ? boundary : boundary.OrWhere(isNearer.logical_not(), nearest);
            shortest = shortest is null ? distance : minimum(distance, shortest);
        }
        return nearest!;
    }

    private static Tensor PerImage(Tensor values) => values.view(-1, 1, 1, 1);
}
