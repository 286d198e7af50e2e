using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Square attack: random squares, each kept where it lowers the margin of the true class. It asks for scores only, never for a gradient, and so breaks
/// networks whose gradients mislead (Andriushchenko et al. 2020, "Square Attack", section 3). Knows the budgets <see cref="Budget.LInf"/> and
/// <see cref="Budget.L2"/>. An image is left alone once it is misclassified.
/// </summary>
public sealed record SquareAttack : Attack
{
    /// <summary>Square within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public SquareAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>Looks at the network for each image, after the one at the clean image. With fewer than AutoAttack's the squares stay larger: their sizes follow the count of queries alone.</summary>
    /// <value>Default 5000, as in AutoAttack; from 1 to 100 000.</value>
    public int Queries { get; init => field = Require.InRange(value, 1, 100_000); } = 5000;

    /// <summary>The share of the image that the first square covers; it halves after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 queries.</summary>
    /// <value>Default 0.8, as in AutoAttack; above 0 and at most 1.</value>
    public double FirstShare { get; init => field = Require.AboveZero(value, 1); } = 0.8;

    /// <inheritdoc/>
    public override string Name => "Square";

    /// <inheritdoc/>
    public override bool NeedsGradient => false;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} ({Budget}, {Queries} queries{(FirstShare == 0.8 ? "" : $", first share {FirstShare}")})");

    /// <inheritdoc/>
    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        Require.NotNull(network, nameof(network));
        Require.NotNull(images, nameof(images));
        if (Budget.Radius == 0)
            return images;
        SquarePainter painter = Budget switch
        {
            LInfBudget => new LInfSquarePainter(Budget),
            L2Budget => new L2SquarePainter(Budget),
            _ => throw new InvalidOperationException($"Square knows the budgets Budget.LInf and Budget.L2; it was given {Budget}."),
        };

        var result = images.clone();
        var (standing, margins) = Standing(network, images, labels, TensorArithmetic.Positions(images.shape[0], images.device));
        for (var query = 0; query < Queries && standing.numel() > 0; query++)
        {
            using var scope = NewDisposeScope();
            var (clean, truth, best) = (images.index_select(0, standing), labels.index_select(0, standing), result.index_select(0, standing));
            var streams = random.For(query).Select(standing);
            var candidates = query == 0
                ? painter.Start(clean, streams)
                : painter.Paint(clean, best, streams, SquareSchedule.Share(FirstShare, query));

            var logits = network.Logits(candidates);
            var found = LogitMargin.Of(logits, truth);
            var stands = logits.argmax(1) == truth;
            // The first candidate stands for the clean image whatever it scores; a misclassified one is taken even from a tie.
            var isBetter = query == 0 ? ones_like(stands) : (found < margins).logical_or(stands.logical_not());
            result.index_copy_(0, standing, where(isBetter.view(-1, 1, 1, 1), candidates, best));
            using var marginsBefore = margins;
            using var standingBefore = standing;
            margins = where(isBetter, found, margins).masked_select(stands).MoveToOuterDisposeScope();
            standing = standing.masked_select(stands).MoveToOuterDisposeScope();
        }
        return result;
    }

    /// <summary>Which of the images are classified as labelled, and by how much.</summary>
    private static (Tensor Standing, Tensor Margins) Standing(IImageClassifier network, Tensor images, Tensor labels, Tensor positions)
    {
        var logits = network.Logits(images);
        var stands = logits.argmax(1) == labels;
        return (positions.masked_select(stands), LogitMargin.Of(logits, labels).masked_select(stands));
    }
}
