using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Some labelled images, as every layer above the networks hands them on.</summary>
/// <param name="images">float32 [batch, channels, height, width] in [0, 1].</param>
/// <param name="labels">int64 [batch], class indices from 0.</param>
/// <param name="rows">The row each image came from: names it in messages and seeds its random streams.</param>
/// <param name="targets">float32 [batch, classes], the share of each class, of which labels are the largest; null where every image is of one class.</param>
internal sealed class ImageBatch(Tensor images, Tensor labels, long[] rows, Tensor? targets = null) : IDisposable
{
    public Tensor Images { get; } = images;

    public Tensor Labels { get; } = labels;

    /// <summary>Null where every image is of one class.</summary>
    public Tensor? Targets { get; } = targets;

    public long[] Rows { get; } = rows;

    public int Count => Rows.Length;

    /// <summary>Whether the images only keep this rank in step with others, which have the batch's images between them: they count for nothing.</summary>
    public bool IsStandIn { get; init; }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
        Targets?.Dispose();
    }
}
