using Samples.PaperStudy;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Running;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public class CellCostTests
{
    private static readonly StudySettings Settings = MadeUpStudy.Settings with { Steps = 5, Epochs = 12, AttackSteps = [10, 200] };

    [Theory]
    [InlineData("adversarial", 13)]
    [InlineData("mixed-100", 16)]
    [InlineData("mixed-40", 14.2)]
    [InlineData("plain-14", 3)]
    public void Training_costs_the_passes_of_its_attack_and_its_updates(string name, double passes) =>
        Assert.Equal(passes * 12 * 1000 * 14, CellCost.OfTraining(Cell(name), Settings, images: 1000), 1e-6);

    [Fact]
    public void Evaluation_costs_two_passes_for_each_step_and_one_to_look()
    {
        // PGD-200, which reports PGD-10 and the clean images as well, in each domain; plain training meets the shortest only.
        Assert.Equal(401 * 500 * 14, Evaluation(Cell("adversarial")));
        Assert.Equal(2 * 401 * 500 * 14, Evaluation(Cell("mixture-batch")));
        Assert.Equal(21 * 500 * 20, Evaluation(Cell("plain-20")));

        static double Evaluation(Cell cell) => CellCost.Of(cell, Settings, trainingImages: 0, testImages: 500);
    }

    [Fact]
    public void The_time_left_follows_from_the_pace_so_far()
    {
        var clock = new HandClock();
        var timeLeft = new TimeLeft(totalCost: 1000, clock);
        Assert.Null(timeLeft.Remaining);

        timeLeft.Start();
        clock.Now += TimeSpan.FromSeconds(10);
        timeLeft.Report(100);
        Assert.Equal(TimeSpan.FromSeconds(90), timeLeft.Remaining);

        timeLeft.Finish(200);
        clock.Now += TimeSpan.FromSeconds(20);
        timeLeft.Report(100);
        Assert.Equal(TimeSpan.FromSeconds(70), timeLeft.Remaining);

        // Another process did this part meanwhile.
        timeLeft.Skip(400);
        Assert.Equal(TimeSpan.FromSeconds(30), timeLeft.Remaining);
    }

    private static Cell Cell(string name) => CellTable.All(Settings).Single(cell => cell.Name == name);

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
