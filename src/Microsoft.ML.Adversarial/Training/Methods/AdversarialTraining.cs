using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Cross-entropy on attacked images (Madry et al. 2018, equation 2.1), alone or mixed with clean ones (Xie &amp; Yuille 2020, section 3), and perhaps adversarial
/// logit pairing (Kannan et al. 2018, section 3).
/// </summary>
/// <remarks>
/// Of a batch of n images all enter attacked, and the first k = round(<see cref="CleanRatio"/> n), which are random ones, also enter clean. The loss is
/// (a sum of CE(attacked) + c sum of CE(clean))/(a n + c k) + p mean((clean logits - attacked logits)²), with a = <see cref="AdversarialWeight"/>,
/// c = <see cref="CleanWeight"/>, p = <see cref="LogitPairingWeight"/>, the last mean over the k pairs and all classes.
/// </remarks>
/// <example>
/// <code>
/// var pipeline = preparation.Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
/// {
///     Normalization = Normalization.MixtureBatch,
///     Method = new AdversarialTraining(attack) { CleanRatio = 1 },
///     ConsistentEpochs = 2,
/// }));
/// </code>
/// </example>
public sealed record AdversarialTraining : TrainingMethod
{
    /// <summary>Adversarial training.</summary>
    /// <param name="attack">Perturbs each batch with the weights of its update.</param>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public AdversarialTraining(Attack attack) => Attack = Require.NotNull(attack, nameof(attack));

    /// <inheritdoc/>
    public override Attack Attack { get; }

    /// <summary>The probability that PGD starts from the clean images instead of random points of its budget: one coin for each batch (Xie &amp; Yuille 2020, in their public code).</summary>
    /// <value>Default 0: always a random start; from 0 to 1, above 0 only with a <see cref="PgdAttack"/>. Xie &amp; Yuille 2020 train with 0.2.</value>
    public double CleanStartProbability { get; init => field = Require.InRange(value, 0, 1); }

    /// <summary>The share of each batch's images that also enter clean.</summary>
    /// <value>
    /// Default 0: attacked images alone; from 0 to 1. Under <see cref="Normalization.Batch"/> clean images cost most of the robustness (Xie &amp; Yuille 2020, figure 3);
    /// <see cref="Normalization.MixtureBatch"/> keeps it.
    /// </value>
    public double CleanRatio { get; init => field = Require.InRange(value, 0, 1); }

    /// <summary>How much an attacked image counts.</summary>
    /// <value>Default 1; from 0 to 1000.</value>
    public double AdversarialWeight { get; init => field = Require.InRange(value, 0, 1000); } = 1;

    /// <summary>How much a clean image counts; of no effect where <see cref="CleanRatio"/> is 0.</summary>
    /// <value>Default 1; from 0 to 1000.</value>
    public double CleanWeight { get; init => field = Require.InRange(value, 0, 1000); } = 1;

    /// <summary>How much the mean squared difference between an image's clean and attacked logits counts: adversarial logit pairing.</summary>
    /// <value>Default 0: none; from 0 to 1000, above 0 only with a <see cref="CleanRatio"/> above 0. Kannan et al. 2018 use 0.5.</value>
    public double LogitPairingWeight { get; init => field = Require.InRange(value, 0, 1000); }

    /// <inheritdoc/>
    public override IReadOnlyList<ImageDomain> Domains => CleanRatio > 0 ? [ImageDomain.Clean, ImageDomain.Adversarial] : [ImageDomain.Adversarial];

    /// <inheritdoc/>
    public override bool TakesMixedLabels => true;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"adversarial training against {Attack}, clean start {CleanStartProbability}, clean ratio {CleanRatio}, weights {AdversarialWeight} and {CleanWeight}, logit pairing {LogitPairingWeight}, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    protected internal override void Step(UpdateContext step)
    {
        Require.NotNull(step, nameof(step));
        // The first image's draw is the batch's coin; it is drawn where it is needed, on the CPU.
        var startsClean = CleanStartProbability > 0 && step.Random.Uniform("clean start", empty(step.Random.Count))[0].item<float>() < CleanStartProbability;
        var attacked = step.Craft(startsClean ? (PgdAttack)Attack with { Start = AttackStart.Clean } : Attack);
        var cleanCount = (long)Math.Round(CleanRatio * step.Images.shape[0], MidpointRounding.AwayFromZero);

        step.Update(network => cleanCount == 0
            ? CrossEntropy(network.Logits(attacked, ImageDomain.Adversarial), step.Targets).Weighted(AttackedWeight)
            : Mixed(network.Logits(step.Images.narrow(0, 0, cleanCount), attacked), step.Targets));
    }

    /// <inheritdoc/>
    protected internal override void Check()
    {
        if (CleanStartProbability > 0 && Attack is not PgdAttack)
            throw new ArgumentException(FormattableString.Invariant($"CleanStartProbability is {CleanStartProbability}, and only PGD can start from the clean image; expected 0 with {Attack}."));
        if (CleanRatio == 0 && LogitPairingWeight > 0)
            throw new ArgumentException(FormattableString.Invariant($"LogitPairingWeight is {LogitPairingWeight} and CleanRatio 0: no image enters clean to be paired; expected a CleanRatio above 0."));
        if (AdversarialWeight == 0 && (CleanWeight == 0 || CleanRatio == 0))
            throw new ArgumentException(FormattableString.Invariant($"AdversarialWeight is 0, CleanWeight {CleanWeight} and CleanRatio {CleanRatio}: no image counts; expected a weight above 0 for images that enter."));
    }

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("attack", Attack);
        identity.Add("clean start probability", CleanStartProbability);
        identity.Add("clean ratio", CleanRatio);
        identity.Add("adversarial weight", AdversarialWeight);
        identity.Add("clean weight", CleanWeight);
        identity.Add("logit pairing weight", LogitPairingWeight);
    }

    /// <summary>Where attacked images stand alone there is nothing to weigh them against.</summary>
    private double AttackedWeight => CleanRatio > 0 ? AdversarialWeight : 1;

    private LossSum Mixed((Tensor Clean, Tensor Attacked) logits, Tensor labels)
    {
        var pairs = logits.Clean.shape[0];
        var loss = CrossEntropy(logits.Attacked, labels).Weighted(AdversarialWeight) + CrossEntropy(logits.Clean, labels.narrow(0, 0, pairs)).Weighted(CleanWeight);
        return LogitPairingWeight == 0
            ? loss
            : loss with { Sum = loss.Sum.PlusScaled(nn.functional.mse_loss(logits.Clean, logits.Attacked.narrow(0, 0, pairs)), LogitPairingWeight * loss.Weight) };
    }
}
