using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>Batches of 8, of which 3 are extra images.</summary>
public class ExtraImageSourceTests
{
    private const int Count = 23, Extra = 11;

    [Fact]
    public void Every_batch_has_its_share_and_each_training_image_comes_once()
    {
        var batches = Rows(Reader(), epoch: 0);

        Assert.Equal([8, 8, 8, 8, 5], batches.Select(batch => batch.Length));
        Assert.Equal(Enumerable.Range(0, Count), batches.SelectMany(batch => batch).Where(row => row >= 0).Order());
        Assert.Equal([3, 3, 3, 3, 2], batches.Select(batch => batch.Count(row => row < 0)));
        // Not behind one another: a method may take the first of a batch for random ones.
        Assert.Contains(batches, batch => batch[0] < 0);
        Assert.Contains(batches, batch => batch[^1] >= 0);
    }

    [Fact]
    public void Each_extra_image_comes_as_seldom_as_can_be_and_in_another_order_in_each_epoch()
    {
        var first = Rows(Reader(), epoch: 0).SelectMany(batch => batch).Where(row => row < 0).ToList();

        // 14 places, 11 images.
        var images = first.Select(row => (-1 - row) % Extra).ToList();
        Assert.Equal(Extra, images.Distinct().Count());
        Assert.True(images.CountBy(image => image).All(count => count.Value <= 2));
        // Their variations and starts of attacks come from their rows: one that comes again is another.
        Assert.Equal(first.Count, first.Distinct().Count());
        Assert.NotEqual(first, Rows(Reader(), epoch: 1).SelectMany(batch => batch).Where(row => row < 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_epoch_that_is_gone_on_with_has_the_batches_that_it_would_have_had(int batch) =>
        Assert.Equal(Rows(Reader(), epoch: 2).Skip(batch), Rows(Reader(), epoch: 2, batch));

    [Fact]
    public void Validation_sees_none_of_them()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(Enumerable.Range(0, Count), Reader().InOrder().SelectMany(batch => batch.Rows).Select(row => (int)row));
    }

    [Fact]
    public void What_is_wrong_with_them_is_said_with_their_name()
    {
        using var scope = NewDisposeScope();
        var reader = Reader(extra: 0);

        Assert.StartsWith("ExtraImages: There is none that can be read;", Assert.Throws<InvalidDataException>(() => reader.Epoch(0, Augmentation.None, new Seed(1)).ToList()).Message, StringComparison.Ordinal);
    }

    private static List<int[]> Rows(BatchReader reader, int epoch, int firstBatch = 0)
    {
        using var scope = NewDisposeScope();
        return [.. reader.Epoch(epoch, Augmentation.None, new Seed(1), firstBatch).Select(batch => batch.Rows.Select(row => (int)row).ToArray())];
    }

    private static BatchReader Reader(int extra = Extra) =>
        new(Images(Count)) { BatchSize = 8, Caches = true, Extra = new ExtraImageSource(Images(extra)), ExtraInBatch = 3 };

    private static ImageReader Images(int count)
    {
        var view = new MLContext(seed: 1).Data.LoadFromEnumerable(PixelRow.Rows(count));
        return new ImageReader(view, "Features", "Label", PixelVectorFormat.Of("Features", view.Schema["Features"].Type, null, null, PixelRange.GreyLevels));
    }
}
