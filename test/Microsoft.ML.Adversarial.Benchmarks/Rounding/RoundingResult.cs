namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Accuracies of one training.</summary>
internal sealed record RoundingResult(double Clean, double Pgd, double AutoAttack)
{
    public static IReadOnlyList<(string Name, Func<RoundingResult, double> Of)> Accuracies { get; } =
        [("Clean", result => result.Clean), ("PGD-20", result => result.Pgd), ("AutoAttack", result => result.AutoAttack)];
}
