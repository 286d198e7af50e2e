using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// One pass over the images of a view, each attacked: read ahead in batches, attacked when a row of the batch is asked for. Between two calls no tensor is alive, so
/// calls may come from any thread, a pass that is left half-way leaves none behind, and a classifier that was disposed shows at the next batch.
/// </summary>
/// <param name="view">Labelled images.</param>
/// <param name="options">What attacks them and how.</param>
/// <param name="seed">Of the attack.</param>
/// <param name="check">Looks at the images before the first is attacked.</param>
internal sealed class AttackedImages(IDataView view, AdversarialExamplesOptions options, Seed seed, Action<ImageReader> check) : IDisposable
{
    private readonly ImageFormat format = options.Columns.FormatFor(view.Schema, options.Attacked);
    private IEnumerator<ImageBatch>? batches;
    private long[] rows = [];
    private float[] pixels = [];

    public void ThrowIfCancelled() => options.CancellationToken.ThrowIfCancellationRequested();

    /// <summary>The getter of the column of attacked images.</summary>
    /// <param name="row">Tells which row is asked for: never one before that of an earlier call.</param>
    public Delegate Getter(Func<long> row) => format.Getter(() => Of(row()));

    public void Dispose() => batches?.Dispose();

    /// <summary>[channels, height, width] in [0, 1].</summary>
    private ReadOnlyMemory<float> Of(long row)
    {
        while (rows.Length == 0 || rows[^1] < row)
            AttackNextBatch(row);
        return pixels.AsMemory((int)(row - rows[0]) * format.Shape.Length, format.Shape.Length);
    }

    /// <summary>Batches before the one that holds the row are passed over.</summary>
    private void AttackNextBatch(long row)
    {
        using var scope = NewDisposeScope();
        batches ??= BatchesFrom(row).GetEnumerator();
        if (!batches.MoveNext() || batches.Current.Rows[0] > row)
            throw new InvalidOperationException(
                $"There is no image for row {row}: reading the images ended or failed before it. Expected data that gives the same rows in every pass.");
        using var batch = batches.Current;
        if (batch.Rows[^1] < row)
            return;
        pixels = Attack(batch);
        rows = batch.Rows;
    }

    /// <summary>Batches begin where those of a whole pass do: a convolution rounds by the batch that an image is in.</summary>
    private IEnumerable<ImageBatch> BatchesFrom(long row)
    {
        var first = row / options.BatchSize * options.BatchSize;
        var reader = new ImageReader(view, options.Columns.Features, options.Columns.Label, format)
        {
            Includes = candidate => candidate >= first,
            Cancellation = options.CancellationToken,
        };
        check(reader);
        return new BatchReader(reader) { BatchSize = options.BatchSize }.InOrder();
    }

    /// <returns>The images one after another, [channels, height, width] each, in [0, 1].</returns>
    private float[] Attack(ImageBatch batch)
    {
        using var memory = FreedMemory.Kept();
        using var network = options.Attacked.Freeze(options.ResolvedDomain);
        var device = options.Attacked.Device;
        var (images, labels) = (batch.Images.to(device), batch.Labels.to(device));
        using var noGradient = no_grad();
        var run = new SearchRun(new StoppableClassifier(network, options.CancellationToken), images, labels, RobustnessEvaluator.StreamsFor(options.Attack, batch, seed))
        {
            Deliver = format.RoundsImages ? format.Representable : null,
        };
        return run.Meet(options.Attack)[^1].Images.cpu().contiguous().data<float>().ToArray();
    }
}
