using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an attack tries to make of an image. Whatever the goal, an image counts as broken once it is not classified as labelled.</summary>
public abstract record AttackGoal
{
    private protected AttackGoal()
    {
    }

    /// <summary>Any class but the true one: the loss of the true class is raised.</summary>
    public static AttackGoal Untargeted { get; } = new UntargetedGoal();

    /// <summary>A uniformly random wrong class for each image and restart (Xie &amp; Yuille 2020, section 3.1).</summary>
    public static AttackGoal RandomTarget { get; } = new RandomTargetGoal();

    /// <summary>The wrong class that the network finds least likely on the clean image (Kurakin et al. 2017, section 2.3).</summary>
    public static AttackGoal LeastLikely { get; } = new LeastLikelyGoal();

    /// <summary>One class for all images. Images that bear this very label are left as they are.</summary>
    /// <param name="classIndex">The class, from 0 in the order of the label's key values.</param>
    /// <returns>The goal.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static AttackGoal Target(int classIndex) => new FixedTargetGoal(Require.InRange(classIndex, 0, int.MaxValue, nameof(classIndex)));

    /// <summary>The class to reach for each image, int64 [batch]; null where the goal is to leave the true class.</summary>
    internal abstract Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random);

    private sealed record UntargetedGoal : AttackGoal
    {
        public override string ToString() => "untargeted";

        internal override Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random) => null;
    }

    private sealed record RandomTargetGoal : AttackGoal
    {
        public override string ToString() => "random target";

        /// <summary>The true class plus a uniform step of 1..K-1, modulo K: never the true class.</summary>
        internal override Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
        {
            var step = random.Uniform("target", labels).Times(network.ClassCount - 1).floor_().to(int64).AddInPlace(1);
            return labels.Plus(step).Modulo(network.ClassCount);
        }
    }

    private sealed record LeastLikelyGoal : AttackGoal
    {
        public override string ToString() => "least likely target";

        internal override Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random) =>
            LogitMargin.LeastLikelyWrongClasses(network.Logits(images), labels);
    }

    private sealed record FixedTargetGoal(int ClassIndex) : AttackGoal
    {
        public override string ToString() => $"target {ClassIndex}";

        internal override Tensor? ChooseTargets(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random) =>
            ClassIndex < network.ClassCount
                ? zeros_like(labels).AddInPlace(ClassIndex)
                : throw new InvalidOperationException($"The attack's target is class {ClassIndex}; the network knows classes 0 to {network.ClassCount - 1}.");
    }
}
