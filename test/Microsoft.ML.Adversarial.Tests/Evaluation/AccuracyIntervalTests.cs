
namespace Microsoft.ML.Adversarial.Tests.Evaluation;

public class AccuracyIntervalTests
{
    /// <summary>Newcombe 1998, table I, method 3.</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void The_ends_are_those_of_the_published_examples(long correct, long total, double lower, double upper)
    {
        var interval = AccuracyInterval.Wilson(new Tally(correct, total));

        Assert.Equal(lower, interval.Lower, 4);
        Assert.Equal(upper, interval.Upper, 4);
        Assert.Equal((double)correct / total, interval.Accuracy);
        Assert.Equal(total, interval.Examples);
    }

    [Fact]
    public void All_correct_mirrors_none_correct()
    {
        var (all, none) = (AccuracyInterval.Wilson(new Tally(20, 20)), AccuracyInterval.Wilson(new Tally(0, 20)));

        Assert.Equal(1 - none.Upper, all.Lower, 12);
        Assert.Equal(1, all.Upper);
    }

    [Fact]
    public void Without_examples_everything_is_possible()
    {
        var interval = AccuracyInterval.Wilson(default);

        Assert.Equal((0.0, 1.0), (interval.Lower, interval.Upper));
        Assert.True(double.IsNaN(interval.Accuracy));
    }
}
