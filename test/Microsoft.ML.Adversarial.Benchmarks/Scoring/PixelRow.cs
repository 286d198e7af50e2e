namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the saved classifier takes.</summary>
internal sealed class PixelRow
{
    public float[] Features { get; set; } = [];
}
