namespace Microsoft.ML.Adversarial;

/// <summary>
/// TRADES (Zhang et al. 2019, arXiv:1901.08573, section 4): cross-entropy on clean images, and how far the network's answer to an attacked image is from that to the clean one. Trades clean
/// accuracy for robustness by <see cref="Beta"/>.
/// </summary>
/// <remarks>
/// The loss of n images is (sum of CE(clean) + beta sum of KL(p(clean) || p(attacked)))/n, differentiable in both answers, p being the softmax. Clean and attacked images are normalised as
/// batches of their own, in one normalisation or with mixture batch normalisation in two.
/// </remarks>
/// <example>
/// <code>
/// var trades = ImageClassificationRecipes.Cifar10Adversarial with { Method = new Trades(Budget.LInf(8)) { Beta = 6 } };
/// </code>
/// </example>
public sealed record Trades : TrainingMethod
{
    /// <summary>Against an attack of your own.</summary>
    /// <param name="attack">Perturbs each batch with the weights of its update; the paper's raises <see cref="AttackLoss.Divergence"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public Trades(Attack attack) => Attack = Require.NotNull(attack, nameof(attack));

    /// <summary>Against the paper's attack: PGD on the divergence, 10 steps of a quarter of the radius, from the clean image with noise of 0.001.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public Trades(Budget budget)
        : this(new PgdAttack(budget) { Loss = AttackLoss.Divergence, Start = AttackStart.Noise(0.001), StepSize = StepSize.OfRadius(0.25) })
    {
    }

    /// <inheritdoc/>
    public override Attack Attack { get; }

    /// <summary>How much the distance between both answers counts: more robustness and less clean accuracy.</summary>
    /// <value>Default 6, as in the source (section 5.3); from 0 to 1000.</value>
    public double Beta { get; init => field = Require.InRange(value, 0, 1000); } = 6;

    /// <inheritdoc/>
    public override bool TakesMixedLabels => true;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"TRADES against {Attack}, beta {Beta}, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        var attacked = step.Craft(Attack);

        step.Update(network =>
        {
            var clean = network.Logits(step.Images, ImageDomain.Clean);
            var loss = CrossEntropy(clean, step.Targets);
            var apart = AttackLoss.Apart(clean, network.Logits(attacked, ImageDomain.Adversarial)).sum();
            return loss with { Sum = loss.Sum.PlusScaled(apart, Beta) };
        });
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("attack", Attack);
        identity.Add("beta", Beta);
    }
}
