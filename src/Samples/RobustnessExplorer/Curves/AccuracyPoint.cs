using Microsoft.ML.Adversarial;

namespace Samples.RobustnessExplorer.Curves;

/// <param name="Accuracy">In [0, 1].</param>
/// <param name="Lower">Of the 95 % interval.</param>
/// <param name="Upper">Of the same.</param>
public sealed record AccuracyPoint(double Accuracy, double Lower, double Upper)
{
    public static AccuracyPoint Of(AccuracyInterval interval) => new(interval.Accuracy, interval.Lower, interval.Upper);
}
