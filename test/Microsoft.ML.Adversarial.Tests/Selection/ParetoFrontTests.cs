
namespace Microsoft.ML.Adversarial.Tests.Selection;

public class ParetoFrontTests
{
    [Fact]
    public void A_run_that_is_dearer_and_no_better_is_left_out() =>
        Assert.Equal([8, 20], Front((8, 100, 0.5), (14, 200, 0.5), (20, 300, 0.6), (32, 400, 0.55)));

    [Fact]
    public void The_better_of_two_equally_dear_is_kept() => Assert.Equal([14], Front((8, 100, 0.5), (14, 100, 0.6)));

    [Fact]
    public void The_order_of_the_runs_does_not_matter() => Assert.Equal([8, 14, 20], Front((20, 300, 0.7), (8, 100, 0.5), (14, 200, 0.6)));

    private static IEnumerable<int> Front(params (int Depth, long Cost, double Metric)[] runs) =>
        ParetoFront.Of(runs.Select(run => new DepthRunDetail
        {
            Trial = new DepthTrial(run.Depth),
            Status = DepthRunStatus.Completed,
            Width = 4,
            Normalization = Normalization.Batch,
            Parameters = 1,
            MultiplyAdds = run.Cost,
            Metric = run.Metric,
        })).Select(run => run.Trial.Depth);
}
