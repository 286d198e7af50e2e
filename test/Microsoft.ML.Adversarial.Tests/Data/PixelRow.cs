using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>A labelled image of 1 x 2 x 2 pixels.</summary>
internal sealed class PixelRow
{
    [VectorType(1, 2, 2)]
    public float[] Features { get; set; } = [];

    [KeyType(3)]
    public uint Label { get; set; }

    public static IEnumerable<PixelRow> Rows(int count) =>
        Enumerable.Range(0, count).Select(row => new PixelRow { Features = [row, row, row, row], Label = (uint)(row % 3) });
}
