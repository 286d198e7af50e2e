
namespace Microsoft.ML.Adversarial.Tests.Training;

public class LearningRateScheduleTests
{
    /// <summary>Xie and Yuille 2020: 5 epochs of warm-up, a tenth at 35, 70 and 95 of 110.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0.2)]
    [InlineData(2.5, 0.5)]
    [InlineData(5, 1)]
    [InlineData(34.99, 1)]
    [InlineData(35, 0.1)]
    [InlineData(69.99, 0.1)]
    [InlineData(70, 0.01)]
    [InlineData(95, 0.001)]
    [InlineData(110, 0.001)]
    public void Steps_rise_to_the_peak_and_fall_at_their_epochs(double epoch, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.Steps([35, 70, 95], warmupEpochs: 5).FactorAt(epoch, 110), 1e-12);

    [Fact]
    public void Steps_without_epochs_are_a_constant_rate() =>
        Assert.All([0.0, 0.5, 9.99], epoch => Assert.Equal(1, LearningRateSchedule.Steps([]).FactorAt(epoch, 10)));

    [Fact]
    public void A_step_s_factor_is_the_one_that_was_given() =>
        Assert.Equal(0.25, LearningRateSchedule.Steps([1, 2], factor: 0.5).FactorAt(2.5, 3), 1e-12);

    /// <summary>(1 + cos(pi t))/2 at t = 0, 1/4, 1/3, 1/2, 1.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(15, 0.85355339059327)]
    [InlineData(20, 0.75)]
    [InlineData(30, 0.5)]
    [InlineData(60, 0)]
    public void A_cosine_falls_from_the_peak_to_zero(double epoch, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.Cosine().FactorAt(epoch, 60), 1e-12);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2.5, 0.25)]
    [InlineData(10, 1)]
    [InlineData(60, 0.5)]
    [InlineData(110, 0)]
    public void A_cosine_starts_behind_its_warm_up(double epoch, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.Cosine(warmupEpochs: 10).FactorAt(epoch, 110), 1e-12);

    /// <summary>PyTorch's OneCycleLR: from 1/25 over 1 at three tenths to 1/25/10000, half cosines between.</summary>
    [Theory]
    [InlineData(0, 0.04)]
    [InlineData(15, 0.52)]
    [InlineData(30, 1)]
    [InlineData(65, 0.500002)]
    [InlineData(100, 0.000004)]
    public void One_cycle_rises_and_falls_along_half_cosines(double epoch, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.OneCycle().FactorAt(epoch, 100), 1e-12);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(5, 1)]
    [InlineData(10, 0.01)]
    public void One_cycle_goes_by_its_own_numbers(double epoch, double factor) =>
        Assert.Equal(factor, LearningRateSchedule.OneCycle(riseFraction: 0.5, initialDivisor: 10, finalDivisor: 10).FactorAt(epoch, 10), 1e-12);

    [Fact]
    public void Every_schedule_stays_between_nothing_and_the_peak_all_the_way()
    {
        LearningRateSchedule[] schedules =
        [
            LearningRateSchedule.Steps([3, 7.5], 0.2, 1), LearningRateSchedule.Cosine(2), LearningRateSchedule.Cosine(), LearningRateSchedule.OneCycle(),
        ];

        Assert.All(schedules, schedule => Assert.All(Enumerable.Range(0, 1001), step => Assert.InRange(schedule.FactorAt(step / 100.0, 10), 0, 1)));
        Assert.All(schedules, schedule => schedule.CheckFits(10));
    }

    [Fact]
    public void The_factor_depends_on_nothing_but_the_moment()
    {
        var schedule = LearningRateSchedule.OneCycle();
        var forwards = Enumerable.Range(0, 20).Select(epoch => schedule.FactorAt(epoch, 20)).ToArray();
        var backwards = Enumerable.Range(0, 20).Reverse().Select(epoch => schedule.FactorAt(epoch, 20)).Reverse().ToArray();

        Assert.Equal(forwards, backwards);
    }

    [Theory]
    [InlineData(20.0, 10.0)]
    [InlineData(10.0, 10.0)]
    [InlineData(0.0, 10.0)]
    [InlineData(-1.0, 10.0)]
    [InlineData(5.0, double.NaN)]
    public void Epochs_that_do_not_rise_from_above_zero_are_refused(double first, double second)
    {
        var exception = Assert.Throws<ArgumentException>(() => LearningRateSchedule.Steps([first, second]));

        Assert.Equal("epochs", exception.ParamName);
        Assert.StartsWith(FormattableString.Invariant($"epochs must be above 0 and rise; they are {first}, {second}."), exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(12.5)]
    public void A_fall_at_or_after_the_end_of_the_run_is_refused(double fall)
    {
        var exception = Assert.Throws<ArgumentException>(() => LearningRateSchedule.Steps([5, fall]).CheckFits(10));

        Assert.Contains(FormattableString.Invariant($"at epoch {fall};"), exception.Message, StringComparison.Ordinal);
        Assert.Contains("Epochs is 10", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_up_as_long_as_the_run_is_refused()
    {
        Assert.All([LearningRateSchedule.Steps([], warmupEpochs: 10), LearningRateSchedule.Cosine(10)], schedule =>
        {
            var exception = Assert.Throws<ArgumentException>(() => schedule.CheckFits(10));
            Assert.Contains("warms up for 10 epochs", exception.Message, StringComparison.Ordinal);
            Assert.Contains("Epochs, which is 10", exception.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Numbers_outside_their_ranges_are_refused_by_name()
    {
        Refuses("factor", () => LearningRateSchedule.Steps([1], factor: 0));
        Refuses("factor", () => LearningRateSchedule.Steps([1], factor: 1.5));
        Refuses("warmupEpochs", () => LearningRateSchedule.Steps([1], warmupEpochs: -1));
        Refuses("warmupEpochs", () => LearningRateSchedule.Cosine(-1), ignoreCase: true);
        Refuses("warmupEpochs", () => LearningRateSchedule.Cosine(double.NaN), ignoreCase: true);
        Refuses("riseFraction", () => LearningRateSchedule.OneCycle(riseFraction: 0));
        Refuses("riseFraction", () => LearningRateSchedule.OneCycle(riseFraction: 1));
        Refuses("initialDivisor", () => LearningRateSchedule.OneCycle(initialDivisor: 0.5));
        Refuses("finalDivisor", () => LearningRateSchedule.OneCycle(finalDivisor: 0.5));
        Assert.Equal("epochs", Assert.Throws<ArgumentNullException>(() => LearningRateSchedule.Steps(null!)).ParamName);

        static void Refuses(string name, Func<LearningRateSchedule> create, bool ignoreCase = false) =>
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(create).ParamName, ignoreCase);
    }
}
