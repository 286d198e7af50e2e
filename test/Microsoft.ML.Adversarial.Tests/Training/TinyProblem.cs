using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>Three classes that can be told apart at a glance: grey 8 x 8 images with a bright bar at the left, in the middle or at the right, in noise.</summary>
internal static class TinyProblem
{
    public const int Classes = 3;

    public static NetworkArchitecture Architecture { get; } = new() { Backbone = new ResNet(8) { Width = 16 }, Image = new ImageShape(1, 8, 8), ClassCount = Classes };

    /// <summary>A constant rate and no attack; change what a test is about.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Epochs = 2,
        BatchSize = 4,
        LearningRate = 0.05,
        MeasureEvery = 1,
        Schedule = LearningRateSchedule.Steps([]),
        Method = new PlainTraining(),
    };

    public static TrainingMethod Pgd(int steps) => new AdversarialTraining(new PgdAttack(Budget.LInf(16)) { Steps = steps });

    public static ImageNetwork Network(int seed = 1) => ImageNetwork.Create(Architecture, CPU, new Seed((ulong)seed));

    public static ImageNetwork Network(Normalization normalization) => ImageNetwork.Create(Architecture with { Normalization = normalization }, CPU, new Seed(1));

    /// <summary>One epoch: batches of the given sizes, every image from its row alone.</summary>
    /// <param name="first">The row of the first image.</param>
    /// <param name="sizes">Images in each batch.</param>
    public static IEnumerable<ImageBatch> Batches(int first, params int[] sizes)
    {
        foreach (var size in sizes)
        {
            yield return Batch([.. Enumerable.Range(first, size).Select(row => (long)row)]);
            first += size;
        }
    }

    public static ImageBatch Batch(long[] rows)
    {
        using var scope = NewDisposeScope();
        var images = stack(rows.Select(Image)).MoveToOuterDisposeScope();
        return new ImageBatch(images, tensor(rows.Select(row => row % Classes).ToArray()).MoveToOuterDisposeScope(), rows);
    }

    public static TrainingOutcome Train(
        ImageNetwork network, TrainingOptions options, Func<int, IEnumerable<ImageBatch>> batches, int batchesPerEpoch,
        Action<TrainingMetrics>? report = null, int seed = 1, TimeProvider? clock = null, CancellationToken? cancellation = null, string data = "",
        Func<IEnumerable<ImageBatch>>? validation = null, Action<string>? warn = null) =>
        new TrainingRun(network, options, new Seed((ulong)seed), clock ?? TimeProvider.System) { Data = data, Validation = validation, Warn = warn }
            .Train((epoch, first) => batches(epoch).Skip(first), batchesPerEpoch, report is null ? null : new Relay(report), cancellation ?? TestContext.Current.CancellationToken);

    private static Tensor Image(long row)
    {
        using var generator = new Seed(5).For("image").For(row).TorchGenerator();
        var image = rand([1, 8, 8], generator: generator).TimesInPlace(0.4);
        var left = 3 * (row % Classes);
        image[.., .., (int)left..(int)Math.Min(left + 2, 8)].AddInPlace(0.5);
        return image;
    }

    /// <summary>Reports at once and on the caller's thread, as <see cref="Progress{T}"/> does not.</summary>
    private sealed class Relay(Action<TrainingMetrics> report) : IProgress<TrainingMetrics>
    {
        public void Report(TrainingMetrics value) => report(value);
    }
}
