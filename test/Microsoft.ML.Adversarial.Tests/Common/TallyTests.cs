
namespace Microsoft.ML.Adversarial.Tests.Common;

public class TallyTests
{
    /// <summary>100 of 100 and 0 of 1: the average of the two accuracies would be 0.5.</summary>
    [Fact]
    public void Tallies_add_examples_not_accuracies()
    {
        var sum = new Tally(100, 100) + new Tally(0, 1);

        Assert.Equal(new Tally(100, 101), sum);
        Assert.Equal(100.0 / 101, sum.Accuracy);
    }

    [Fact]
    public void A_tally_without_examples_has_no_accuracy_and_adds_nothing()
    {
        Assert.True(double.IsNaN(default(Tally).Accuracy));
        Assert.Equal(new Tally(3, 4), default(Tally) + new Tally(3, 4));
    }
}
