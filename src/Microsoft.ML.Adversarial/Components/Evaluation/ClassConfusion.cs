namespace Microsoft.ML.Adversarial;

/// <summary>Images of one class that the model took for another under an attack; from <see cref="RobustnessEvaluation.Confusions"/>.</summary>
public sealed record ClassConfusion
{
    /// <summary>Their class.</summary>
    public required string Label { get; init; }

    /// <summary>What they were taken for; null where the scores were no numbers.</summary>
    public required string? Predicted { get; init; }

    /// <summary>How many.</summary>
    public required int Images { get; init; }

    /// <summary>Images of the class.</summary>
    public required int OfClass { get; init; }

    /// <summary>How many of them were classified as labelled clean.</summary>
    public required int Broken { get; init; }

    /// <summary>The mean probability of what they were taken for, from 0 to 1.</summary>
    public required double Confidence { get; init; }
}
