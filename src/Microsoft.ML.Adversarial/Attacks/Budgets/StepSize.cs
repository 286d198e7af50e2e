namespace Microsoft.ML.Adversarial;

/// <summary>The length of an attack's step, with its unit.</summary>
public abstract record StepSize : Described
{
    private protected StepSize()
    {
    }

    /// <summary>So many of the 255 grey levels.</summary>
    /// <param name="greyLevels">Above 0 and at most 255; 2 means 2/255.</param>
    /// <returns>The step size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length lies outside its range.</exception>
    public static StepSize GreyLevels(double greyLevels) => new GreyLevelStep(Require.AboveZero(greyLevels, 255, nameof(greyLevels)));

    /// <summary>A length on the pixel scale of [0, 1], as the budget measures it.</summary>
    /// <param name="length">Above 0 and at most 255.</param>
    /// <returns>The step size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length lies outside its range.</exception>
    public static StepSize Unit(double length) => new UnitStep(Require.AboveZero(length, 255, nameof(length)));

    /// <summary>A share of the budget's radius.</summary>
    /// <param name="share">Above 0 and at most 100.</param>
    /// <returns>The step size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share lies outside its range.</exception>
    public static StepSize OfRadius(double share) => new RadiusStep(Require.AboveZero(share, 100, nameof(share)));

    /// <summary>The length in the budget's norm, on the pixel scale of [0, 1].</summary>
    internal abstract double Within(Budget budget);

    private sealed record GreyLevelStep(double Levels) : StepSize
    {
        public override string ToString() => FormattableString.Invariant($"{Levels}/255");

        internal override double Within(Budget budget) => Levels / 255;

        protected override void Describe(Identity identity) => identity.Add("grey levels", Levels);
    }

    private sealed record UnitStep(double Length) : StepSize
    {
        public override string ToString() => FormattableString.Invariant($"{Length}");

        internal override double Within(Budget budget) => Length;

        protected override void Describe(Identity identity) => identity.Add("length", Length);
    }

    private sealed record RadiusStep(double Share) : StepSize
    {
        public override string ToString() => FormattableString.Invariant($"{Share} of the radius");

        internal override double Within(Budget budget) => Share * budget.Radius;

        protected override void Describe(Identity identity) => identity.Add("share of the radius", Share);
    }
}
