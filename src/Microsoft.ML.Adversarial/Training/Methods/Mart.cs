using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// MART (Wang et al. 2020, "Improving adversarial robustness requires revisiting misclassified examples", section 3.3): attacked images with a margin to the likeliest wrong class, and how far the
/// answer to an attacked image is from that to the clean one, which counts the more the less sure the network is of the clean image.
/// </summary>
/// <remarks>
/// The loss of n images is the mean of CE(attacked) - log(1.0001 - max of the wrong p(attacked) + 1e-12) + beta KL(p(clean) || p(attacked) + 1e-12)(1.0000001 - p(clean) of the true class),
/// differentiable in both answers; the constants are those of the authors' public code. Clean and attacked images are normalised as batches of their own.
/// </remarks>
/// <example>
/// <code>
/// var mart = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Mart(Budget.LInf(8)) { Beta = 5 } };
/// </code>
/// </example>
public sealed record Mart : TrainingMethod
{
    private const double Tiny = 1e-12, AboveOne = 1.0001, HardlyAboveOne = 1.0000001;

    /// <summary>Against an attack of your own.</summary>
    /// <param name="attack">Perturbs each batch with the weights of its update.</param>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public Mart(Attack attack) => Attack = Require.NotNull(attack, nameof(attack));

    /// <summary>Against the source's attack: PGD on cross-entropy, 10 steps of a quarter of the radius, from the clean image with noise of 0.001.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public Mart(Budget budget)
        : this(new PgdAttack(budget) { Start = AttackStart.Noise(0.001), StepSize = StepSize.OfRadius(0.25) })
    {
    }

    /// <inheritdoc/>
    public override Attack Attack { get; }

    /// <summary>How much the distance between both answers counts.</summary>
    /// <value>Default 5, as in the source's public code; from 0 to 1000.</value>
    public double Beta { get; init => field = Require.InRange(value, 0, 1000); } = 5;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"MART against {Attack}, beta {Beta}, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        var attacked = step.Craft(Attack);

        step.Update(network => Loss(network.Logits(step.Images, ImageDomain.Clean), network.Logits(attacked, ImageDomain.Adversarial), step.Labels));
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("attack", Attack);
        identity.Add("beta", Beta);
    }

    private LossSum Loss(Tensor clean, Tensor attacked, Tensor labels)
    {
        var (sure, probabilities) = (clean.softmax(1), attacked.softmax(1));
        var wrong = probabilities.gather(1, LogitMargin.RankedWrongClasses(attacked, labels, rank: 0).unsqueeze(1));
        var margin = wrong.neg().Plus(AboveOne + Tiny).log().neg().sum();
        var apart = sure.mul(clean.log_softmax(1).sub(probabilities.Plus(Tiny).log())).sum(1);
        var unsure = sure.gather(1, labels.unsqueeze(1)).squeeze(1).neg().Plus(HardlyAboveOne);
        var loss = CrossEntropy(attacked, labels);
        return loss with { Sum = loss.Sum.Plus(margin).PlusScaled(apart.mul(unsure).sum(), Beta) };
    }
}
