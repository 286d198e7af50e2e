using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an attack along gradients raises (Croce &amp; Hein 2020, "Reliable evaluation of adversarial robustness", sections 4.1 and 4.2).</summary>
public abstract record AttackLoss
{
    /// <summary>Keeps equal logits from dividing by zero.</summary>
    private const double Tiny = 1e-12;

    private AttackLoss()
    {
    }

    /// <summary>The cross-entropy of the true class, or that of a target with its sign turned. Where a network is very sure, its gradient vanishes.</summary>
    public static AttackLoss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary>
    /// -(z_y - max z_i) / (z_1st - z_3rd): how far the best wrong class is ahead, in a unit that the scale of the logits does not change. With two
    /// classes there is no third, and the numerator stands alone.
    /// </summary>
    public static AttackLoss DifferenceOfLogitsRatio { get; } = new RatioLoss();

    /// <summary>
    /// -(z_y - z_t) / (z_1st - (z_3rd + z_4th)/2), for one target class t after the other, the likeliest wrong class on the clean image first. With fewer
    /// than four classes the numerator stands alone.
    /// </summary>
    /// <param name="targets">How many targets, from 1 to 1000; of K classes at most K - 1 are tried. Default 9, as in AutoAttack.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="targets"/> lies outside its range.</exception>
    public static AttackLoss TargetedDifferenceOfLogitsRatio(int targets = 9) => new TargetedRatioLoss(Require.InRange(targets, 1, 1000, nameof(targets)));

    /// <summary>As the field abbreviates it: <c>CE</c>, <c>DLR</c>, <c>T</c>.</summary>
    internal abstract string Abbreviation { get; }

    /// <summary>How many aims an attack has, one after another.</summary>
    internal virtual int AimCount(int classCount) => 1;

    /// <summary>The class to reach for each image, int64 [batch]; null where the aim is to leave the true class.</summary>
    internal virtual Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, int aim) => null;

    /// <summary>float32 [batch], higher where the attack is closer to success.</summary>
    internal abstract Tensor Values(Tensor logits, Tensor labels, Tensor? targets);

    private sealed record CrossEntropyLoss : AttackLoss
    {
        internal override string Abbreviation => "CE";

        public override string ToString() => "cross-entropy";

        internal override Tensor Values(Tensor logits, Tensor labels, Tensor? targets) => targets is null
            ? nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None)
            : nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.None).neg();
    }

    private sealed record RatioLoss : AttackLoss
    {
        internal override string Abbreviation => "DLR";

        public override string ToString() => "difference of logits ratio";

        internal override Tensor Values(Tensor logits, Tensor labels, Tensor? targets)
        {
            var behind = LogitMargin.Of(logits, labels).neg();
            if (logits.shape[1] < 3)
                return behind;
            var highest = logits.topk(3, dim: 1).values;
            return behind.div(highest[.., 0].sub(highest[.., 2]).Plus(Tiny));
        }
    }

    private sealed record TargetedRatioLoss(int Targets) : AttackLoss
    {
        internal override string Abbreviation => "T";

        public override string ToString() => $"targeted difference of logits ratio, {Targets} targets";

        internal override int AimCount(int classCount) => Math.Min(Targets, classCount - 1);

        internal override Tensor ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, int aim) =>
            LogitMargin.RankedWrongClasses(network.Logits(images), labels, aim);

        internal override Tensor Values(Tensor logits, Tensor labels, Tensor? targets)
        {
            var behind = logits.gather(1, targets!.unsqueeze(1)).sub(logits.gather(1, labels.unsqueeze(1))).squeeze(1);
            if (logits.shape[1] < 4)
                return behind;
            var highest = logits.topk(4, dim: 1).values;
            return behind.div(highest[.., 0].sub(highest[.., 2].Plus(highest[.., 3]).Times(0.5)).Plus(Tiny));
        }
    }
}
