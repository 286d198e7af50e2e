using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// "Free" adversarial training (Shafahi et al. 2019, arXiv:1904.12843, algorithm 1): each batch is trained on several times, and the backward pass of every update moves the weights and the perturbation of the
/// images, which goes on from batch to batch. Robustness at the price of plain training.
/// </summary>
/// <remarks>
/// One epoch counts <see cref="Replays"/> times as many updates as another method's, so give it as many fewer epochs. The perturbation of each place in the batch is kept, also in checkpoints, as the difference that
/// budget and pixel range left of it.
/// </remarks>
/// <example>
/// <code>
/// var options = ImageClassificationRecipes.Quick with { Method = new FreeAdversarialTraining(Budget.LInf(12)) { Replays = 4 }, Epochs = 4 };
/// </code>
/// </example>
public sealed record FreeAdversarialTraining : TrainingMethod
{
    /// <summary>Within a budget.</summary>
    /// <param name="budget">How far an image may be moved, and the length of a step.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public FreeAdversarialTraining(Budget budget) => Budget = Require.NotNull(budget, nameof(budget));

    /// <summary>How far an image may be moved.</summary>
    public Budget Budget { get; }

    /// <summary>How often each batch is trained on.</summary>
    /// <value>Default 8, as in the source on CIFAR-10 (section 5.1); from 1 to 1000. The source has 4 on ImageNet.</value>
    public int Replays { get; init => field = Require.InRange(value, 1, 1000); } = 8;

    /// <summary>PGD of 10 steps within <see cref="Budget"/>: the method crafts by itself, and this is what it is measured with.</summary>
    public override Attack Attack => new PgdAttack(Budget);

    /// <inheritdoc/>
    public override IReadOnlyList<ImageDomain> Domains => [ImageDomain.Adversarial];

    /// <inheritdoc/>
    public override bool TakesMixedLabels => true;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"free adversarial training within {Budget}, {Replays} replays, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        var budget = step.BudgetNow(Budget);
        var images = step.Images;
        var perturbation = step.Memory("perturbation", [step.LargestBatch, .. images.shape[1..]]).narrow(0, 0, images.shape[0]);
        for (var replay = 0; replay < Replays; replay++)
        {
            using var scope = NewDisposeScope();
            using var attacked = budget.Project(images.Plus(perturbation), images).requires_grad_();
            step.Update(network => CrossEntropy(network.Logits(attacked, ImageDomain.Adversarial), step.Targets));
            if (attacked.grad is { } gradient)
                perturbation.copy_(budget.Project(attacked.detach().PlusScaled(budget.SteepestDirection(gradient), budget.Radius), images).sub(images));
        }
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("budget", Budget);
        identity.Add("replays", Replays);
    }
}
