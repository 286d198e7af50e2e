using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Test images in memory.</summary>
/// <param name="Images">float32 [count, channels, height, width] in [0, 1].</param>
/// <param name="Labels">int64 [count].</param>
internal sealed record TestBatches(Tensor Images, Tensor Labels) : IDisposable
{
    /// <summary>An evaluation's own default.</summary>
    public const int BatchSize = 100;

    public int Count => (int)Images.shape[0];

    public static TestBatches Read(ImageReader reader, int count)
    {
        using var scope = NewDisposeScope();
        using var batch = new BatchReader(reader) { BatchSize = count }.InOrder().First();
        return new TestBatches(batch.Images.clone().DetachFromDisposeScope(), batch.Labels.clone().DetachFromDisposeScope());
    }

    /// <summary>Copies, which an evaluation disposes.</summary>
    public IEnumerable<ImageBatch> Batches()
    {
        for (var first = 0; first < Count; first += BatchSize)
        {
            var length = Math.Min(BatchSize, Count - first);
            yield return new ImageBatch(Copy(Images, first, length), Copy(Labels, first, length), [.. Enumerable.Range(first, length).Select(row => (long)row)]);
        }
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }

    private static Tensor Copy(Tensor tensor, int first, int length)
    {
        using var scope = NewDisposeScope();
        return tensor.narrow(0, first, length).clone().DetachFromDisposeScope();
    }
}
