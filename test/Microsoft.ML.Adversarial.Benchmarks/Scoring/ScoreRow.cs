namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the saved classifier gives.</summary>
internal sealed class ScoreRow
{
    public float[] Score { get; set; } = [];
}
