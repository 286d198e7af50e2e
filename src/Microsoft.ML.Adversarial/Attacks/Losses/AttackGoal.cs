using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What an attack tries to make of an image. Whatever the goal, an image counts as broken once it is not classified as labelled.</summary>
public abstract record AttackGoal : Described
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

    /// <summary>One wrong class after another, the one that the network finds likeliest on the clean image first (Croce &amp; Hein 2020, section 4.2).</summary>
    /// <param name="targets">How many, from 1 to 1000; of K classes at most K - 1 are tried. Default 9, as in AutoAttack.</param>
    /// <returns>The goal.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="targets"/> lies outside its range.</exception>
    public static AttackGoal LikeliestTargets(int targets = 9) => new LikeliestTargetsGoal(Require.InRange(targets, 1, 1000, nameof(targets)));

    /// <summary>How many aims there are, one after another.</summary>
    internal virtual int AimCount(int classCount) => 1;

    /// <summary>The class to reach for each image, int64 [batch]; null where the goal is to leave the true class.</summary>
    internal abstract Tensor? ChooseTargets(SearchInput input);

    private sealed record UntargetedGoal : AttackGoal
    {
        public override string ToString() => "untargeted";

        internal override Tensor? ChooseTargets(SearchInput input) => null;
    }

    private sealed record RandomTargetGoal : AttackGoal
    {
        public override string ToString() => "random target";

        /// <summary>The true class plus a uniform step of 1..K-1, modulo K: never the true class.</summary>
        internal override Tensor? ChooseTargets(SearchInput input)
        {
            var classes = input.Network.ClassCount;
            var step = input.Random.Uniform("target", input.Labels).Times(classes - 1).floor_().to(int64).AddInPlace(1);
            return input.Labels.Plus(step).Modulo(classes);
        }
    }

    private sealed record LeastLikelyGoal : AttackGoal
    {
        public override string ToString() => "least likely target";

        internal override Tensor? ChooseTargets(SearchInput input) => LogitMargin.LeastLikelyWrongClasses(input.CleanLogits, input.Labels);
    }

    private sealed record FixedTargetGoal(int ClassIndex) : AttackGoal
    {
        public override string ToString() => $"target {ClassIndex}";

        internal override Tensor? ChooseTargets(SearchInput input) => ClassIndex < input.Network.ClassCount
            ? zeros_like(input.Labels).AddInPlace(ClassIndex)
            : throw new InvalidOperationException($"The attack's target is class {ClassIndex}; the network knows classes 0 to {input.Network.ClassCount - 1}.");

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("class", ClassIndex);
        }
    }

    private sealed record LikeliestTargetsGoal(int Targets) : AttackGoal
    {
        public override string ToString() => $"{Targets} targets";

        internal override int AimCount(int classCount) => Math.Min(Targets, classCount - 1);

        internal override Tensor? ChooseTargets(SearchInput input) => LogitMargin.RankedWrongClasses(input.CleanLogits, input.Labels, input.Start.Aim);

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("targets", Targets);
        }
    }
}
