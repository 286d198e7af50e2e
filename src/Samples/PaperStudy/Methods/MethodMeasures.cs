namespace Samples.PaperStudy.Methods;

/// <summary>What a trained model showed.</summary>
public sealed record MethodMeasures
{
    /// <summary>What training took, with its measuring after each epoch.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>The epoch whose weights are measured.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Under the selection's attack, on images set apart, of the last epoch; the difference to the best is what a run without selection loses.</summary>
    public required double LastEpochRobust { get; init; }

    /// <summary>The first epoch at whose end the library warned of catastrophic overfitting; null where it did not.</summary>
    public required int? CollapsedEpoch { get; init; }

    public required long Examples { get; init; }

    public required double CleanAccuracy { get; init; }

    /// <summary>Under PGD-50.</summary>
    public required double PgdAccuracy { get; init; }

    public required double AutoAttackAccuracy { get; init; }

    public override string ToString() =>
        FormattableString.Invariant($"{TrainingSeconds:f0} s, clean {CleanAccuracy:p1}, PGD-50 {PgdAccuracy:p1}, AutoAttack {AutoAttackAccuracy:p1} of {Examples}");
}
