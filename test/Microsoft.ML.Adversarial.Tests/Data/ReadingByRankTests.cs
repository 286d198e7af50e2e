using Microsoft.ML.Adversarial.Tests.Distributed;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>What no batch of this process needs is not decoded.</summary>
public class ReadingByRankTests
{
    private const int Count = 50, BatchSize = 8;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranks_together_read_every_image_once_and_each_has_its_part_of_the_batches_of_one_process(int ranks)
    {
        var alone = Batches(Reader(ProcessGroup.Alone, new int[Count]), firstBatch: 0);
        var decoded = new int[Count];

        var parts = ThreadGroup.Run(ranks, group => Batches(Reader(group, decoded), firstBatch: 0));

        Assert.All(parts, part => Assert.Equal(alone.Count, part.Count));
        for (var batch = 0; batch < alone.Count; batch++)
        {
            // The last one has two images: a third rank has one that stands in.
            Assert.Equal(alone[batch].Split(';'), parts.SelectMany(part => part[batch].Split(';')).Take(alone[batch].Split(';').Length));
        }
        Assert.Equal(Count + Math.Max(0, ranks - 2), decoded.Sum());
        Assert.DoesNotContain(0, decoded);
    }

    [Fact]
    public void Validation_images_are_read_once_by_the_ranks_together_too()
    {
        var decoded = new int[Count];

        var rows = ThreadGroup.Run(3, group => Read(Reader(group, decoded, hasStandIns: false).InOrder())).SelectMany(part => part.SelectMany(batch => batch.Split(';')));

        Assert.All(decoded, times => Assert.Equal(1, times));
        Assert.Equal(Count, rows.Distinct().Count());
    }

    [Fact]
    public void An_epoch_that_goes_on_in_its_middle_reads_what_is_left_of_it()
    {
        var (whole, rest) = (new int[Count], new int[Count]);

        Assert.Equal(Batches(Reader(ProcessGroup.Alone, whole), firstBatch: 0).Skip(5), Batches(Reader(ProcessGroup.Alone, rest), firstBatch: 5));

        Assert.Equal((Count, Count - (5 * BatchSize)), (whole.Sum(), rest.Sum()));
    }

    [Fact]
    public void Every_rank_reads_all_where_unreadable_images_are_to_be_found_or_images_are_kept()
    {
        var (tolerant, keeping) = (new int[Count], new int[Count]);

        ThreadGroup.Run(2, group => Batches(Reader(group, tolerant, unreadable: UnreadableImages.Skip), firstBatch: 0));
        ThreadGroup.Run(2, group => Batches(Reader(group, keeping, caches: true), firstBatch: 0));

        Assert.All(tolerant.Concat(keeping), times => Assert.Equal(2, times));
    }

    private static List<string> Batches(BatchReader reader, int firstBatch) => Read(reader.Epoch(1, Augmentation.None, new Seed(3), firstBatch));

    /// <summary>Of each batch the rows with what is in the first pixel.</summary>
    private static List<string> Read(IEnumerable<ImageBatch> batches)
    {
        using var scope = NewDisposeScope();
        return [.. batches.Select(batch => string.Join(';', batch.Rows.Select((row, i) => $"{row}:{batch.Images[i, 0, 1, 1].item<float>():f4}")))];
    }

    private static BatchReader Reader(ProcessGroup group, int[] decoded, bool caches = false, bool hasStandIns = true, UnreadableImages unreadable = UnreadableImages.Throw)
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(PixelRow.Rows(Count).Select((row, number) => new FileRow { Number = number, Label = row.Label }));
        var view = ml.Transforms.CustomMapping<FileRow, DecodedRow>(Decode, contractName: null).Fit(rows).Transform(rows);
        var format = new PixelVectorFormat(new ImageShape(1, 2, 2), PixelLayout.Planar, PixelRange.GreyLevels);
        return new BatchReader(new ImageReader(view, "Features", "Label", format) { Unreadable = unreadable })
        {
            BatchSize = BatchSize,
            Caches = caches,
            Group = group,
            HasStandIns = hasStandIns,
            ShufflePool = 16,
        };

        void Decode(FileRow row, DecodedRow image)
        {
            Interlocked.Increment(ref decoded[row.Number]);
            image.Features = [row.Number, row.Number, row.Number, row.Number];
        }
    }

    private sealed class FileRow
    {
        public int Number { get; set; }

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class DecodedRow
    {
        [VectorType(1, 2, 2)]
        public float[] Features { get; set; } = [];
    }
}
