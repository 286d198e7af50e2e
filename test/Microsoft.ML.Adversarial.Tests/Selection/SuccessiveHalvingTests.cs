
namespace Microsoft.ML.Adversarial.Tests.Selection;

public class SuccessiveHalvingTests
{
    [Theory]
    [InlineData(4, 12, 0, new[] { 12 })]
    [InlineData(4, 12, 1, new[] { 6, 12 })]
    [InlineData(4, 12, 2, new[] { 3, 6, 12 })]
    [InlineData(4, 5, 2, new[] { 2, 3, 5 })]
    public void Each_round_trains_twice_as_long_as_the_one_before(int candidates, int epochs, int halvings, int[] expected) =>
        Assert.Equal(expected, SuccessiveHalving.Rounds(candidates, epochs, halvings));

    [Theory]
    [InlineData(1, 12, 3, new[] { 12 })]
    [InlineData(2, 12, 3, new[] { 6, 12 })]
    [InlineData(3, 12, 3, new[] { 3, 6, 12 })]
    public void One_that_is_alone_needs_no_further_round(int candidates, int epochs, int halvings, int[] expected) =>
        Assert.Equal(expected, SuccessiveHalving.Rounds(candidates, epochs, halvings));

    [Fact]
    public void A_round_trains_at_least_one_epoch_more() => Assert.Equal([1, 2], SuccessiveHalving.Rounds(8, 2, 3));

    [Fact]
    public void The_better_half_goes_on_in_the_order_it_came() =>
        Assert.Equal(["c", "d"], SuccessiveHalving.Survivors(["a", "b", "c", "d"], Score));

    [Fact]
    public void Of_three_two_go_on() => Assert.Equal(["b", "c"], SuccessiveHalving.Survivors(["a", "b", "c"], Score));

    [Fact]
    public void The_earlier_of_equals_goes_on() => Assert.Equal(["a"], SuccessiveHalving.Survivors(["a", "b"], _ => 0.5));

    private static double Score(string name) => name[0];
}
