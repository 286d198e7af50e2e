using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Makes batches of a reader's images: shuffled, varied, read ahead. An epoch and a seed determine every batch.</summary>
internal sealed class BatchReader(ImageReader reader)
{
    private List<PackedImage>? cache;
    private int? count;

    public required int BatchSize { get; init; }

    /// <summary>Whether the images are read once and then kept.</summary>
    public bool Caches { get; init; }

    /// <summary>Images among which a streaming epoch picks its next one at random.</summary>
    public int ShufflePool { get; init; } = 1;

    /// <summary>Batches that wait while one is in use.</summary>
    public int LookAhead { get; init; } = 2;

    /// <summary>Images beside those of the reader; null for none.</summary>
    public ExtraImageSource? Extra { get; init; }

    /// <summary>Of them in a full batch.</summary>
    public int ExtraInBatch { get; init; }

    /// <summary>Classes told apart; needed where labels are mixed.</summary>
    public int ClassCount { get; init; }

    /// <summary>Whose part of every batch to read; all of them read the same images in the same order.</summary>
    public ProcessGroup Group { get; init; } = ProcessGroup.Alone;

    /// <summary>Whether a rank that has no image of a batch gets one that does not count, to keep in step with the others; otherwise it gets no batch.</summary>
    public bool HasStandIns { get; init; } = true;

    /// <summary>Whether images that only other ranks use are not read. They are where the images are kept, where those that cannot be read are to be found, and where others are mixed in.</summary>
    public bool ReadsByRank => !Group.IsAlone && CanPassOver;

    private int OwnInBatch => BatchSize - ExtraInBatch;

    private bool CanPassOver => !Caches && Extra is null && reader.Unreadable == UnreadableImages.Throw;

    /// <summary>All images in the order of their rows, unvaried.</summary>
    public IEnumerable<ImageBatch> InOrder() => Batches(Source(numbers => numbers, firstBatch: 0).Chunk(BatchSize), Augmentation.None, default);

    /// <summary>All images in an order of the epoch's own, varied.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="augmentation">How.</param>
    /// <param name="seed">Of the order and of the variations.</param>
    /// <param name="firstBatch">Where to begin; the batches from there on are what they are from the beginning.</param>
    public IEnumerable<ImageBatch> Epoch(int epoch, Augmentation augmentation, Seed seed, int firstBatch = 0)
    {
        var order = seed.For("order").For(epoch);
        var images = Caches ? Permuted(order.Random()) : Pooled(Source(numbers => Pooled(numbers, order.Random()), firstBatch), order.Random());
        var chunks = images.Skip(firstBatch * OwnInBatch).Chunk(OwnInBatch);
        if (Extra is not null)
            chunks = chunks.Select((own, number) => WithExtra(own, firstBatch + number, seed.For("extra order").For(epoch)));
        return Batches(chunks, augmentation, seed.For("augmentation").For(epoch));
    }

    /// <summary>In an order of its own: a method may take the first ones of a batch for random ones.</summary>
    private PackedImage[] WithExtra(PackedImage[] own, int batch, Seed order)
    {
        PackedImage[] all = [.. own, .. Extra!.Beside(own.Length, (long)batch * OwnInBatch, (OwnInBatch, ExtraInBatch), order)];
        order.For("batch").For(batch).Random().Shuffle(all);
        return all;
    }

    /// <param name="inOrder">Puts the numbers of images into the order of the batches.</param>
    /// <param name="firstBatch">That is asked for.</param>
    private IEnumerable<PackedImage> Source(Func<IEnumerable<int>, IEnumerable<int>> inOrder, int firstBatch)
    {
        if (Caches)
            return Kept;
        if (!CanPassOver || (Group.IsAlone && firstBatch == 0))
            return reader.Read();
        var needed = new bool[count ??= reader.ReadLabels().Count()];
        foreach (var image in inOrder(Enumerable.Range(0, needed.Length)).Skip(firstBatch * OwnInBatch).Chunk(OwnInBatch).SelectMany(batch => PartOf(batch).Images))
            needed[image] = true;
        return reader.Read(image => needed[image]);
    }

    private List<PackedImage> Kept => cache ??= [.. reader.Read()];

    private PackedImage[] Permuted(Random order)
    {
        PackedImage[] permuted = [.. Kept];
        order.Shuffle(permuted);
        return permuted;
    }

    /// <summary>Fills a pool, then hands out a random member for every image that comes in.</summary>
    private IEnumerable<T> Pooled<T>(IEnumerable<T> images, Random order)
    {
        var pool = new List<T>();
        foreach (var image in images)
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

    /// <summary>This rank's part of a batch. Where it is none, and one is to stand in, it is the first image, which does not count.</summary>
    private (T[] Images, bool IsStandIn) PartOf<T>(T[] whole) => whole[Group.PartOf(whole.Length)] is { Length: > 0 } part ? (part, false) : (HasStandIns ? whole[..1] : [], true);

    private IEnumerable<ImageBatch> Batches(IEnumerable<PackedImage[]> chunks, Augmentation augmentation, Seed seed)
    {
        var shape = reader.Format.Shape;
        // Arrays cross the threads, tensors do not: dispose scopes belong to a thread.
        foreach (var (pixels, labels, targets, rows, isStandIn) in chunks.Select(whole => PartOf(whole)).Where(part => part.Images.Length > 0).Select(Assemble).Ahead(LookAhead))
            yield return new ImageBatch(tensor(pixels, [labels.Length, shape.Channels, shape.Height, shape.Width]), tensor(labels), rows, targets is null ? null : tensor(targets, [labels.Length, ClassCount])) { IsStandIn = isStandIn };

        (float[] Pixels, long[] Labels, float[]? Targets, long[] Rows, bool IsStandIn) Assemble((PackedImage[] Images, bool IsStandIn) part)
        {
            var (chunk, isStandIn) = part;
            var pixels = new float[chunk.Length * shape.Length];
            for (var i = 0; i < chunk.Length; i++)
                augmentation.Write(chunk[i], shape, seed.For(chunk[i].Row), pixels.AsSpan(i * shape.Length, shape.Length));
            long[] labels = [.. chunk.Select(image => (long)image.Label)];
            var targets = augmentation.CutMix?.Mix(pixels, labels, ClassCount, shape, i => seed.For(chunk[i].Row));
            return (pixels, labels, targets, [.. chunk.Select(image => image.Row)], isStandIn);
        }
    }
}
