using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

public class BatchReaderTests
{
    private const int Count = 50;

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 16)]
    [InlineData(false, 1000)]
    [InlineData(true, 1)]
    public void An_epoch_holds_every_row_exactly_once(bool caches, int pool)
    {
        var reader = Reader(caches, pool);

        for (var epoch = 0; epoch < 3; epoch++)
            Assert.Equal(Enumerable.Range(0, Count), Rows(reader, epoch).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_batch_holds_what_is_left(bool caches)
    {
        using var scope = NewDisposeScope();

        Assert.Equal([8, 8, 8, 8, 8, 8, 2], Reader(caches).Epoch(0, Augmentation.None, new Seed(1)).Select(batch => batch.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Labels_and_rows_belong_to_their_images(bool caches)
    {
        using var scope = NewDisposeScope();
        foreach (var batch in Reader(caches).Epoch(1, Augmentation.None, new Seed(1)))
        {
            Assert.Equal([batch.Count, 1, 2, 2], batch.Images.shape);
            Assert.Equal((float32, int64), (batch.Images.dtype, batch.Labels.dtype));
            for (var i = 0; i < batch.Count; i++)
            {
                Assert.Equal(batch.Rows[i] / 255f, batch.Images[i, 0, 1, 1].item<float>());
                Assert.Equal(batch.Rows[i] % 3, batch.Labels[i].item<long>());
            }
        }
    }

    [Fact]
    public void In_order_means_the_rows_own_order_and_so_does_a_pool_of_one()
    {
        using var scope = NewDisposeScope();
        var reader = Reader(caches: false, pool: 1);

        Assert.Equal(Enumerable.Range(0, Count), reader.InOrder().SelectMany(batch => batch.Rows).Select(row => (int)row));
        Assert.Equal(Enumerable.Range(0, Count), Rows(reader, epoch: 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_seed_gives_the_same_order_and_epochs_differ(bool caches)
    {
        Assert.Equal(Rows(Reader(caches), epoch: 0), Rows(Reader(caches), epoch: 0));
        Assert.NotEqual(Rows(Reader(caches), epoch: 0), Rows(Reader(caches), epoch: 1));
        Assert.NotEqual(Rows(Reader(caches), epoch: 0), Rows(Reader(caches), epoch: 0, seed: 2));
        Assert.NotEqual(Enumerable.Range(0, Count), Rows(Reader(caches), epoch: 0));
    }

    [Fact]
    public void A_cached_epoch_can_bring_any_row_to_any_place()
    {
        var reader = Reader(caches: true);

        var first = Enumerable.Range(0, 30).Select(epoch => Rows(reader, epoch)[0]).ToList();

        // A pool of 16 would never start with a row beyond the sixteenth.
        Assert.Contains(first, row => row > 25);
        Assert.True(first.Distinct().Count() > 15);
    }

    [Fact]
    public void A_cache_is_filled_by_one_pass_over_the_data()
    {
        var passes = 0;
        var reader = Reader(caches: true, onPass: () => passes++);

        for (var epoch = 0; epoch < 3; epoch++)
            Rows(reader, epoch);

        Assert.Equal(1, passes);
    }

    [Fact]
    public void Without_a_cache_every_epoch_reads_the_data_again()
    {
        var passes = 0;
        var reader = Reader(caches: false, onPass: () => passes++);

        for (var epoch = 0; epoch < 3; epoch++)
            Rows(reader, epoch);

        Assert.Equal(3, passes);
    }

    [Fact]
    public void Augmentation_depends_on_seed_epoch_and_row_not_on_order_or_batch()
    {
        var augmentation = new Augmentation { CropPadding = 1 };

        var streamed = Images(Reader(caches: false), epoch: 0);
        var cached = Images(Reader(caches: true), epoch: 0);
        var later = Images(Reader(caches: true), epoch: 1);

        Assert.Equal(streamed, cached);
        Assert.NotEqual(cached, later);

        string Images(BatchReader reader, int epoch)
        {
            using var scope = NewDisposeScope();
            return string.Join('\n', reader.Epoch(epoch, augmentation, new Seed(1))
                .SelectMany(batch => batch.Rows.Select((row, i) => (row, Pixels: string.Join(' ', batch.Images[i].contiguous().data<float>().ToArray()))))
                .OrderBy(image => image.row).Select(image => image.Pixels));
        }
    }

    private static int[] Rows(BatchReader reader, int epoch, ulong seed = 1)
    {
        using var scope = NewDisposeScope();
        return [.. reader.Epoch(epoch, Augmentation.None, new Seed(seed)).SelectMany(batch => batch.Rows).Select(row => (int)row)];
    }

    private static BatchReader Reader(bool caches, int pool = 16, Action? onPass = null)
    {
        var view = new MLContext(seed: 1).Data.LoadFromEnumerable(Passes());
        var format = PixelVectorFormat.Of("Features", view.Schema["Features"].Type, null, null, PixelRange.GreyLevels);
        return new BatchReader(new ImageReader(view, "Features", "Label", format)) { BatchSize = 8, Caches = caches, ShufflePool = pool };

        IEnumerable<PixelRow> Passes()
        {
            onPass?.Invoke();
            foreach (var row in PixelRow.Rows(Count))
                yield return row;
        }
    }
}
