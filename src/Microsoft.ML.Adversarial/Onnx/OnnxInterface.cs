
namespace Microsoft.ML.Adversarial;

/// <summary>What the world outside sees of an exported network.</summary>
internal sealed record OnnxInterface
{
    /// <summary>The input: float32 [batch, channels, height, width], or [batch, height, width, channels] where interleaved.</summary>
    public required string Input { get; init; }

    public bool IsInterleaved { get; init; }

    /// <summary>The value of black and its distance to full brightness; the graph maps them onto [0, 1] first.</summary>
    public float PixelMinimum { get; init; }

    public float PixelSpan { get; init; } = 255;

    /// <summary>Output: float32 [batch, classes], before softmax; null for none.</summary>
    public string? Logits { get; init; }

    /// <summary>Output: float32 [batch, classes], probabilities.</summary>
    public required string Score { get; init; }

    /// <summary>Output: int64 [batch], the most probable class.</summary>
    public required string PredictedIndex { get; init; }

    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>
    /// Whether the batch is one image and the scores are [classes]. ML.NET's scorer takes one row at a time and makes a vector of the slot names' length only of
    /// an output whose shape is fixed.
    /// </summary>
    public bool IsSingleImage { get; init; }

    /// <summary>Whose normalisation is written; a note for readers that computes nothing. Null for none.</summary>
    public ImageDomain? Domain { get; init; }
}
