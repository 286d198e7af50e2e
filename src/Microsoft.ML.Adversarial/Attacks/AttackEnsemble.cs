using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Several attacks within one budget, each on the images that all before it failed to break; an image that none breaks keeps the result with the highest
/// cross-entropy of its true class. <see cref="AutoAttack"/> makes the usual ones.
/// </summary>
public sealed record AttackEnsemble : Attack
{
    /// <summary>An ensemble.</summary>
    /// <param name="name">For tables.</param>
    /// <param name="budget">How far an image may be moved: by every member, whatever its own budget.</param>
    /// <param name="members">The attacks in their order, at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="members"/> is empty, or a member is an ensemble itself.</exception>
    public AttackEnsemble(string name, Budget budget, IReadOnlyList<Attack> members)
        : base(budget)
    {
        Name = Require.NotEmpty(name, nameof(name));
        Attacks = Require.NotEmpty(members, nameof(members));
        foreach (var member in Attacks)
            if (Require.NotNull(member, nameof(members)) is AttackEnsemble)
                throw new ArgumentException($"members holds the ensemble {member.Name}; expected its members themselves.", nameof(members));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The attacks in their order; <see cref="Members"/> gives them the ensemble's budget.</summary>
    private IReadOnlyList<Attack> Attacks { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Attack> Members => [.. Attacks.Select(attack => attack with { Budget = Budget })];

    /// <inheritdoc/>
    public override bool NeedsGradient => Attacks.Any(attack => attack.NeedsGradient);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({string.Join(", ", Members)})";

    /// <inheritdoc/>
    protected override Tensor PerturbCore(IImageClassifier network, Tensor images, Tensor labels, ImageRandom random)
    {
        var survivors = new Survivors(network, images, labels, random, images);
        foreach (var (member, number) in Members.Select((member, number) => (member, number)))
            survivors.Meet((seen, truth, streams) => member.Perturb(network, seen, truth, streams), number);
        return survivors.Images;
    }
}
