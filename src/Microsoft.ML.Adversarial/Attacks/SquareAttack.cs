namespace Microsoft.ML.Adversarial;

/// <summary>
/// Square attack: random squares, each kept where it lowers the margin of the true class. It asks for scores only, never for a gradient, and so breaks
/// networks whose gradients mislead (Andriushchenko et al. 2020, "Square Attack", section 3).
/// </summary>
/// <example>
/// <code>
/// new SquareAttack(Budget.LInf(8)) { Queries = 5000 }
/// </code>
/// </example>
public sealed record SquareAttack : Attack
{
    /// <summary>Square within a budget.</summary>
    /// <param name="budget">How far an image may be moved.</param>
    /// <exception cref="ArgumentNullException"><paramref name="budget"/> is null.</exception>
    public SquareAttack(Budget budget)
        : base(budget)
    {
    }

    /// <summary>Questions to the network for each image, after the one about the clean image. With fewer than AutoAttack's the squares stay larger: their sizes follow the count of queries alone.</summary>
    /// <value>Default 5000, as in AutoAttack; from 1 to 100 000.</value>
    public int Queries { get; init => field = Require.InRange(value, 1, 100_000); } = 5000;

    /// <summary>The share of the image that the first square covers; it halves after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 queries.</summary>
    /// <value>Default 0.8, as in AutoAttack; above 0 and at most 1.</value>
    public double FirstShare { get; init => field = Require.AboveZero(value, 1); } = 0.8;

    /// <inheritdoc/>
    public override string Name => "Square";

    /// <inheritdoc/>
    public override bool NeedsGradient => false;

    /// <inheritdoc/>
    public override string ToString()
    {
        var share = FirstShare == 0.8 ? "" : FormattableString.Invariant($", first share {FirstShare}");
        return FormattableString.Invariant($"{Name} ({Budget}, {Queries} queries{share})");
    }

    /// <inheritdoc/>
    protected internal override Search Begin(SearchInput input) => new SquareSearch(this, Require.NotNull(input, nameof(input)));

    /// <inheritdoc/>
    protected override void Describe(Identity identity)
    {
        base.Describe(identity);
        identity.Add("queries", Queries);
        identity.Add("first share", FirstShare);
    }
}
