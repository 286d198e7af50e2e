using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Makes batches of a reader's images: shuffled, varied, read ahead. An epoch and a seed determine every batch.</summary>
internal sealed class BatchReader(ImageReader reader)
{
    private List<PackedImage>? cache;

    public required int BatchSize { get; init; }

    /// <summary>Whether the images are read once and then kept.</summary>
    public bool Caches { get; init; }

    /// <summary>Images among which a streaming epoch picks its next one at random.</summary>
    public int ShufflePool { get; init; } = 1;

    /// <summary>Batches that wait while one is in use.</summary>
    public int LookAhead { get; init; } = 2;

    /// <summary>All images in the order of their rows, unvaried.</summary>
    public IEnumerable<ImageBatch> InOrder() => Batches(Source(), Augmentation.None, default);

    /// <summary>All images in an order of the epoch's own, varied.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="augmentation">How.</param>
    /// <param name="seed">Of the order and of the variations.</param>
    /// <param name="firstBatch">Where to begin; the batches from there on are what they are from the beginning.</param>
    public IEnumerable<ImageBatch> Epoch(int epoch, Augmentation augmentation, Seed seed, int firstBatch = 0)
    {
        var order = seed.For("order").For(epoch).Random();
        var images = Caches ? Permuted(order) : Pooled(order);
        return Batches(images.Skip(firstBatch * BatchSize), augmentation, seed.For("augmentation").For(epoch));
    }

    private IEnumerable<PackedImage> Source() => Caches ? cache ??= [.. reader.Read()] : reader.Read();

    private PackedImage[] Permuted(Random order)
    {
        PackedImage[] permuted = [.. Source()];
        order.Shuffle(permuted);
        return permuted;
    }

    /// <summary>Fills a pool, then hands out a random member for every image that comes in.</summary>
    private IEnumerable<PackedImage> Pooled(Random order)
    {
        var pool = new List<PackedImage>();
        foreach (var image in Source())
        {
            if (pool.Count < ShufflePool)
            {
                pool.Add(image);
                continue;
            }
            var chosen = order.Next(pool.Count);
            yield return pool[chosen];
            pool[chosen] = image;
        }
        var rest = pool.ToArray();
        order.Shuffle(rest);
        foreach (var image in rest)
            yield return image;
    }

    private IEnumerable<ImageBatch> Batches(IEnumerable<PackedImage> images, Augmentation augmentation, Seed seed)
    {
        var shape = reader.Format.Shape;
        // Arrays cross the threads, tensors do not: dispose scopes belong to a thread.
        foreach (var (pixels, labels, rows) in images.Chunk(BatchSize).Select(Assemble).Ahead(LookAhead))
            yield return new ImageBatch(tensor(pixels, [labels.Length, shape.Channels, shape.Height, shape.Width]), tensor(labels), rows);

        (float[] Pixels, long[] Labels, long[] Rows) Assemble(PackedImage[] chunk)
        {
            var pixels = new float[chunk.Length * shape.Length];
            for (var i = 0; i < chunk.Length; i++)
                augmentation.Write(chunk[i], shape, seed.For(chunk[i].Row), pixels.AsSpan(i * shape.Length, shape.Length));
            return (pixels, [.. chunk.Select(image => (long)image.Label)], [.. chunk.Select(image => image.Row)]);
        }
    }
}
