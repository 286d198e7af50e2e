namespace Microsoft.ML.Adversarial;

/// <summary>What a model takes one image for, and how sure it is.</summary>
public sealed record ImagePrediction
{
    /// <summary>The class with the highest score, the first of equals; null where the scores are no numbers.</summary>
    public required string? ClassName { get; init; }

    /// <summary>The probability that the model gives to that class, from 0 to 1; NaN where the scores are no numbers.</summary>
    public required float Confidence { get; init; }

    /// <inheritdoc/>
    public override string ToString() => ClassName is null ? "no class" : FormattableString.Invariant($"{ClassName} {Confidence * 100:f1} %");
}
