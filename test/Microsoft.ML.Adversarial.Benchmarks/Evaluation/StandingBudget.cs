using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>How small a budget must be for a share of the images to withstand PGD-20.</summary>
internal static class StandingBudget
{
    private const double Least = 0.5, Most = 64;

    private const int Halvings = 7;

    /// <returns>Grey levels of L-infinity.</returns>
    public static double Find(FrozenNetwork network, TestBatches test, double share)
    {
        var (least, most) = (Least, Most);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (least + most) / 2;
            (least, most) = Standing(middle) > share ? (middle, most) : (least, middle);
        }
        return Math.Round((least + most) / 2, 1);

        double Standing(double greyLevels) =>
            new RobustnessEvaluator(network, [new PgdAttack(Budget.LInf(greyLevels)) { Steps = 20, StepSize = StepSize.OfRadius(0.25) }], CPU, new Seed(1))
                .Evaluate(test.Batches()).WorstCaseTally.Accuracy;
    }
}
