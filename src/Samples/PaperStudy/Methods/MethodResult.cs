namespace Samples.PaperStudy.Methods;

/// <summary>What a method gave with one seed: the content of a file in the folder <c>methods</c>.</summary>
public sealed record MethodResult
{
    public required string Method { get; init; }

    public required int Seed { get; init; }

    public required MethodSettings Settings { get; init; }

    /// <summary>As many as fitted into the time.</summary>
    public required int Epochs { get; init; }

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
}
