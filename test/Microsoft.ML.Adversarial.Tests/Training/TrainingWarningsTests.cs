namespace Microsoft.ML.Adversarial.Tests.Training;

public class TrainingWarningsTests
{
    [Fact]
    public void A_worse_end_of_robust_accuracy_is_warned_of()
    {
        EpochMetrics[] healthy = [Epoch(1, 50, 30), Epoch(2, 50, 40), Epoch(3, 50, 39)], fallen = [Epoch(1, 50, 40), Epoch(2, 50, 35)];

        Assert.Empty(TrainingWarnings.Of(healthy));
        Assert.Empty(TrainingWarnings.Of([]));
        Assert.StartsWith("Robust overfitting: robust accuracy was 40.0", TrainingWarnings.Of(fallen).Single(), StringComparison.Ordinal);
    }

    [Theory]
    // clean and robust of 100 before; clean and robust after
    [InlineData(50, 40, 60, 19, true)]
    [InlineData(50, 40, 60, 21, false)]
    [InlineData(35, 18, 40, 1, true)]
    [InlineData(35, 18, 40, 10, false)]
    [InlineData(20, 6, 20, 2, false)]
    [InlineData(10, 10, 15, 0, false)]
    public void A_catastrophe_is_a_fall_by_20_points_or_the_loss_of_half_beyond_noise_of_what_was_more_than_guessing(long clean, long robust, long cleanAfter, long robustAfter, bool catastrophic) =>
        Assert.Equal(catastrophic, TrainingWarnings.IsCollapsed([Epoch(1, clean, robust), Epoch(2, cleanAfter, robustAfter)]));

    [Fact]
    public void A_catastrophe_that_takes_several_epochs_is_one_and_is_said_once()
    {
        EpochMetrics[] epochs = [Epoch(1, 35, 20), Epoch(2, 40, 13), Epoch(3, 40, 4), Epoch(4, 40, 1)];

        Assert.Equal([false, false, true, true], epochs.Index().Select(epoch => TrainingWarnings.IsCollapsed(epochs[..(epoch.Index + 1)])));
        Assert.StartsWith("Catastrophic overfitting: robust accuracy fell from 20.0 % in epoch 1 to 4.0 % in epoch 3. ", TrainingWarnings.Collapse(epochs[..3]), StringComparison.Ordinal);
        Assert.Null(TrainingWarnings.Collapse(epochs));
    }

    private static EpochMetrics Epoch(int epoch, long clean, long robust) => new() { Epoch = epoch, CleanCorrect = clean, RobustCorrect = robust, Examples = 100 };
}
