namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>One epoch after another, varied as in training.</summary>
internal sealed class EpochBatches(BatchReader reader)
{
    private static readonly Augmentation Usual = new() { HorizontalFlip = true, CropPadding = 4 };

    private int epoch;

    public IEnumerable<ImageBatch> Next() => reader.Epoch(epoch++, Usual, new Seed(1));
}
