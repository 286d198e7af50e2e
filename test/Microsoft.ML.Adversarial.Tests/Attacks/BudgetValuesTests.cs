namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>What a budget says of itself, and what it refuses to be.</summary>
public class BudgetValuesTests
{
    [Fact]
    public void A_budget_prints_its_norm_and_unit()
    {
        Assert.Equal("L-inf 8/255", Budget.LInf(8).ToString());
        Assert.Equal("L-inf 0.5/255", Budget.LInf(0.5).ToString());
        Assert.Equal("L2 0.5", Budget.L2(0.5).ToString());
    }

    [Fact]
    public void The_radius_is_on_the_pixel_scale_of_0_to_1()
    {
        Assert.Equal(8 / 255.0, Budget.LInf(8).Radius, 12);
        Assert.Equal(1, Budget.LInf(255).Radius, 12);
        Assert.Equal(0.5, Budget.L2(0.5).Radius, 12);
    }

    [Fact]
    public void Budgets_of_the_same_norm_and_radius_are_equal()
    {
        Assert.Equal(Budget.LInf(8), Budget.LInf(8));
        Assert.NotEqual(Budget.LInf(1), Budget.L2(1 / 255.0));
    }

    [Theory]
    [InlineData(-1, "-1")]
    [InlineData(-0.001, "-0.001")]
    [InlineData(255.5, "255.5")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void An_L_inf_radius_outside_0_to_255_grey_levels_is_refused(double greyLevels, string named)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Budget.LInf(greyLevels));

        Assert.Contains($"greyLevels must be from 0 to 255; it is {named}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.031, "0.031")]
    [InlineData(0.3, "0.3")]
    [InlineData(0.499, "0.499")]
    public void A_radius_on_the_scale_of_0_to_1_is_refused_and_the_message_says_what_to_write(double greyLevels, string named)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Budget.LInf(greyLevels));

        Assert.Contains($"greyLevels is {named}", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"Budget.LInf({named} * 255)", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1, "-0.1")]
    [InlineData(100.5, "100.5")]
    [InlineData(double.NaN, "NaN")]
    public void An_L2_radius_outside_0_to_100_is_refused(double distance, string named)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Budget.L2(distance));

        Assert.Contains($"distance must be from 0 to 100; it is {named}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 1, 8)]
    [InlineData(8, 4, 2)]
    [InlineData(8, 10, 1)]
    [InlineData(16, 2000, 1)]
    [InlineData(0, 10, 1)]
    public void The_default_L_inf_step_is_the_radius_over_the_steps_but_at_least_one_grey_level(double greyLevels, int steps, double expected) =>
        Assert.Equal(expected / 255, Budget.LInf(greyLevels).DefaultStepSize(steps), 12);

    [Fact]
    public void The_default_L2_step_is_two_and_a_half_radii_over_the_steps() =>
        Assert.Equal(0.125, Budget.L2(0.5).DefaultStepSize(10), 12);
}
