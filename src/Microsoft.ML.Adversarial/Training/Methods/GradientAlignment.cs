using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// GradAlign (Andriushchenko &amp; Flammarion 2020, arXiv:2007.02617, section 5): adds w (1 - mean cos(g(x), g(x + n))) to the loss of a method, g being the gradient of the cross-entropy at an image and n
/// random noise within the budget. Where gradients agree all over the budget, a single step finds what many find, and single-step training does not collapse (catastrophic overfitting).
/// </summary>
/// <remarks>
/// Costs about as much as two further updates: gradients at images are differentiated once more. The images pass through the network without moving running statistics; an image whose gradient is
/// zero, or below 1e-18, does not count. The noise is the budget's random start, which unlike the source's stays among the pixels.
/// </remarks>
/// <example>
/// <code>
/// var watched = new ImageClassificationOptions
/// {
///     Method = new GradientAlignment(new AdversarialTraining(PgdAttack.FgsmRandomStart(Budget.LInf(8)))),
///     Selection = new ModelSelection(new PgdAttack(Budget.LInf(8))) { StopsOnCatastrophicOverfitting = true },
///     BudgetWarmupEpochs = 2,
/// };
/// </code>
/// </example>
public sealed record GradientAlignment : TrainingMethodDecorator
{
    /// <summary>The noise's streams, which crafting does not draw from.</summary>
    private const long Noise = -1;

    /// <summary>Below it a gradient is rounding, and what turns it is beyond float32.</summary>
    private const double SmallestGradient = 1e-18;

    /// <summary>Around another method.</summary>
    /// <param name="inner">A method with an attack, of whose budget the noise is.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is null.</exception>
    public GradientAlignment(TrainingMethod inner)
        : base(inner)
    {
    }

    /// <summary>How much alignment counts.</summary>
    /// <value>
    /// Default null: 0.02 · 10^(eps/8) for an L-infinity budget of eps grey levels, which is 0.2 at 8 and 2 at 16, as the source chooses on CIFAR-10; to be stated for other budgets. From 0 to 1000.
    /// </value>
    public double? Weight { get; init => field = value is { } weight ? Require.InRange(weight, 0, 1000) : null; }

    /// <inheritdoc/>
    public override bool NeedsImageGradientGraph => true;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Inner}, gradients aligned by {(Weight is { } weight ? weight : "the budget's weight")}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        var weight = Weight ?? UsualWeight(Attack!.Budget)!.Value;
        var noisy = step.BudgetNow(Attack!.Budget).RandomStart(step.Images, step.Random.For(Noise));
        StepInner(step.WithUpdate(loss => step.Update(network =>
        {
            var inner = loss(network);
            var misalignment = Misalignment(network.Untracked, step.Images, noisy, step.Labels, AttackedDomain);
            return inner with { Sum = inner.Sum.PlusScaled(misalignment, weight * inner.Weight) };
        })));
    }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        base.Check();
        if (Attack is null)
            throw new ArgumentException($"GradientAlignment goes around {Inner.GetType().Name}, which has no attack whose budget the noise could be of; expected a method that has one.");
        if (Weight is null && UsualWeight(Attack.Budget) is null)
            throw new ArgumentException($"The source has a Weight for L-infinity budgets alone, and the attack's is {Attack.Budget}; expected a Weight.");
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("weight", Weight);
    }

    /// <returns>1 - the mean cosine; a scalar that is differentiable in the weights.</returns>
    internal static Tensor Misalignment(ITrainableClassifier network, Tensor images, Tensor noisy, Tensor labels, ImageDomain domain)
    {
        var (first, isFirstThere) = Scaled(Gradients(images));
        var (second, isSecondThere) = Scaled(Gradients(noisy));
        var counts = isFirstThere.logical_and(isSecondThere);
        // A root of zero has no derivative: such an image gets another number, and then does not count.
        var (firstSquare, secondSquare) = (first.mul(first).sum(1), second.mul(second).sum(1));
        var lengths = firstSquare.where(counts, ones_like(firstSquare)).sqrt().mul(secondSquare.where(counts, ones_like(secondSquare)).sqrt());
        var cosines = first.mul(second).sum(1).div(lengths).mul(counts.to(float32));
        return cosines.sum().div(counts.to(float32).sum().AtLeast(1)).neg().Plus(1);

        Tensor Gradients(Tensor at)
        {
            var variable = at.detach().requires_grad_();
            var loss = nn.functional.cross_entropy(network.Logits(variable, domain), labels, reduction: nn.Reduction.Sum);
            return autograd.grad([loss], [variable], retain_graph: true, create_graph: true)[0].flatten(1);
        }
    }

    /// <summary>Each gradient by its largest number, which no cosine depends on: of an image that the network is sure of the squares would leave float32. And which images have one.</summary>
    private static (Tensor Gradients, Tensor AreThere) Scaled(Tensor gradients)
    {
        var largest = gradients.detach().abs().amax([1], keepdim: true);
        var areThere = largest.gt(largest.new_zeros([]).Plus(SmallestGradient));
        return (gradients.div(largest.where(areThere, ones_like(largest))), areThere.view(-1));
    }

    /// <summary>0.2 at 8 and 2 at 16 grey levels, and in between and beyond along the exponential through both (the source's figure 9); null where the budget is none of grey levels.</summary>
    private static double? UsualWeight(Budget budget) => budget is LInfBudget ? 0.02 * Math.Pow(10, 255 * budget.Radius / 8) : null;
}
