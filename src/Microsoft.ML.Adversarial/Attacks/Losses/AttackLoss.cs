using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an attack along gradients raises (Croce &amp; Hein 2020, "Reliable evaluation of adversarial robustness", sections 4.1 and 4.2). Derive from it to bring one of your own.</summary>
public abstract record AttackLoss : Described
{
    /// <summary>Keeps equal logits from dividing by zero.</summary>
    private const double Tiny = 1e-12;

    /// <summary>The cross-entropy of the true class, or that of a target with its sign turned. Where a network is very sure, its gradient vanishes.</summary>
    public static AttackLoss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>
    /// How far a wrong class is ahead, in a unit that the scale of the logits does not change. Without a target -(z_y - max z_i) / (z_1st - z_3rd), whose numerator stands alone with
    /// two classes; with a target t -(z_y - z_t) / (z_1st - (z_3rd + z_4th)/2), whose numerator stands alone with fewer than four.
    /// </summary>
    public static AttackLoss DifferenceOfLogitsRatio { get; } = new RatioLoss();

    /// <summary>
    /// How far the network's answer is from that to the clean image, KL(p(clean) || p(attacked)), whatever the true class is (Zhang et al. 2019, section 4). It knows no targets, and has no
    /// gradient at the clean image itself: begin with <see cref="AttackStart.Noise"/> or <see cref="AttackStart.Random"/>.
    /// </summary>
    public static AttackLoss Divergence { get; } = new DivergenceLoss();

    /// <summary>z_t - z_y of a target t, whose zero is the boundary between two classes.</summary>
    internal static AttackLoss LogitDifference { get; } = new DifferenceLoss();

    /// <summary>As the field abbreviates it, such as <c>CE</c> and <c>DLR</c>.</summary>
    public abstract string Abbreviation { get; }

    /// <summary>Each image's loss.</summary>
    /// <param name="logits">float32 [batch, classes], differentiable.</param>
    /// <param name="context">Labels, targets and what the network says of the clean images.</param>
    /// <returns>float32 [batch], higher where the attack is closer to success.</returns>
    public abstract Tensor Values(Tensor logits, LossContext context);

    /// <summary>KL(p || q) of each image, p and q being the softmax of both; float32 [batch], differentiable in both.</summary>
    internal static Tensor Apart(Tensor clean, Tensor attacked)
    {
        var certain = clean.log_softmax(1);
        return certain.exp().mul(certain.sub(attacked.log_softmax(1))).sum(1);
    }

    private static Tensor AheadOf(Tensor logits, LossContext context) => context.Targets is { } targets
        ? logits.gather(1, targets.unsqueeze(1)).sub(logits.gather(1, context.Labels.unsqueeze(1))).squeeze(1)
        : LogitMargin.Of(logits, context.Labels).neg();

    private sealed record CrossEntropyLoss : AttackLoss
    {
        public override string Abbreviation => "CE";

        public override string ToString() => "cross-entropy";

        public override Tensor Values(Tensor logits, LossContext context) => context.Targets is { } targets
            ? Classification.Loss(logits, targets).neg()
            : Classification.Loss(logits, context.Labels);
    }

    private sealed record RatioLoss : AttackLoss
    {
        public override string Abbreviation => "DLR";

        public override string ToString() => "difference of logits ratio";

        public override Tensor Values(Tensor logits, LossContext context)
        {
            var ahead = AheadOf(logits, context);
            var isTargeted = context.Targets is not null;
            var ranks = isTargeted ? 4 : 3;
            if (logits.shape[1] < ranks)
                return ahead;
            var highest = logits.topk(ranks, dim: 1).values;
            var last = isTargeted ? highest[.., 2].Plus(highest[.., 3]).Times(0.5) : highest[.., 2];
            return ahead.div(highest[.., 0].sub(last).Plus(Tiny));
        }
    }

    private sealed record DivergenceLoss : AttackLoss
    {
        public override string Abbreviation => "KL";

        public override string ToString() => "divergence";

        public override Tensor Values(Tensor logits, LossContext context) => context.Targets is null
            ? Apart(context.CleanLogits, logits)
            : throw new InvalidOperationException("The attack has a target and raises the divergence, which knows none; expected AttackGoal.Untargeted, or another loss.");
    }

    private sealed record DifferenceLoss : AttackLoss
    {
        public override string Abbreviation => "difference";

        public override Tensor Values(Tensor logits, LossContext context) => AheadOf(logits, context);
    }
}
