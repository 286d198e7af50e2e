namespace Microsoft.ML.Adversarial;

/// <summary>
/// Several attacks within one budget, each on the images that all before it failed to break; an image that none breaks keeps the result with the highest
/// cross-entropy of its true class. <see cref="AutoAttack"/> makes the usual ones.
/// </summary>
public sealed record AttackEnsemble : Attack
{
    private readonly IReadOnlyList<Attack> attacks;

    /// <summary>An ensemble.</summary>
    /// <param name="name">For tables.</param>
    /// <param name="budget">How far an image may be moved: by every member, whatever its own budget.</param>
    /// <param name="members">The attacks in their order, at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="members"/> is empty, or a member is an ensemble itself or answers for others beside itself.</exception>
    public AttackEnsemble(string name, Budget budget, IReadOnlyList<Attack> members)
        : base(budget)
    {
        Name = Require.NotEmpty(name, nameof(name));
        attacks = Require.NotEmpty(members, nameof(members));
        foreach (var member in attacks)
            if (Require.NotNull(member, nameof(members)) is AttackEnsemble)
                throw new ArgumentException($"members holds the ensemble {member.Name}; expected its members themselves.", nameof(members));
            else if (member.Reported.Count > 1)
                throw new ArgumentException($"members holds {member}, which reports {member.Reported.Count} attacks; expected members that report themselves alone.", nameof(members));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Attack> Members => [.. attacks.Select(attack => attack with { Budget = Budget })];

    /// <inheritdoc/>
    public override bool NeedsGradient => attacks.Any(attack => attack.NeedsGradient);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({string.Join(", ", Members)})";

    /// <inheritdoc/>
    protected internal override IEnumerable<SearchStart> Starts(int classCount) =>
        attacks.SelectMany((attack, number) => attack.Starts(classCount).Select(start => start with { Member = number }));

    /// <inheritdoc/>
    protected internal override Search Begin(SearchInput input) => Members[Require.NotNull(input, nameof(input)).Start.Member].Begin(input);

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("name", Name);
        identity.Add("attack", Members);
    }
}
