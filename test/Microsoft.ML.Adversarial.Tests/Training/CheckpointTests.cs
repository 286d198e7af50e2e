using Microsoft.ML.Adversarial.Tests.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private static readonly NetworkArchitecture Mixture = TinyProblem.Architecture with { Normalization = Normalization.MixtureBatch };

    private readonly string folder = Directory.CreateTempSubdirectory("checkpoints-").FullName;

    private static TrainingOptions Options { get; } = TinyProblem.Options with
    {
        Epochs = 3,
        ConsistentEpochs = 1,
        Normalization = Normalization.MixtureBatch,
        Method = new AdversarialTraining(new PgdAttack(Budget.LInf(16)) { Steps = 2 }) { CleanStartProbability = 0.5, CleanRatio = 0.5 },
        Schedule = LearningRateSchedule.OneCycle(),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void A_run_that_is_cancelled_and_resumed_ends_with_the_weights_of_an_unbroken_one_bit_for_bit(int updates)
    {
        using var unbroken = Network();
        Train(unbroken, Options);

        using (var first = Network())
            Assert.Throws<OperationCanceledException>(() => Train(first, Options with { Checkpoints = new CheckpointOptions(folder) }, stopAfter: updates));
        using var resumed = ImageNetwork.Create(Mixture, CPU, new Seed(77));
        var reports = new List<TrainingMetrics>();
        Train(resumed, Options with { ResumeFrom = folder }, report: reports.Add);

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
        Assert.Equal(9 - updates, reports.Count);
    }

    [Fact]
    public void A_resumed_run_reports_the_losses_and_rates_of_an_unbroken_one()
    {
        var unbroken = new List<TrainingMetrics>();
        using (var network = Network())
            Train(network, Options, report: unbroken.Add);
        using (var network = Network())
            Assert.Throws<OperationCanceledException>(() => Train(network, Options with { Checkpoints = new CheckpointOptions(folder) }, stopAfter: 5));

        var resumed = new List<TrainingMetrics>();
        using (var network = Network())
            Train(network, Options with { ResumeFrom = folder }, report: resumed.Add);

        Assert.Equal(unbroken.Skip(5).Select(Numbers), resumed.Select(Numbers));

        static (int, int, double, double, double) Numbers(TrainingMetrics metrics) =>
            (metrics.Epoch, metrics.Batch, metrics.LearningRate, metrics.Loss, metrics.RobustAccuracy);
    }

    [Fact]
    public void Every_epoch_leaves_a_checkpoint_and_the_newest_stay()
    {
        using var network = Network();

        Train(network, Options with { Epochs = 4, Checkpoints = new CheckpointOptions(folder) { Keep = 2 } });

        Assert.Equal(["checkpoint-000003-00000000.zip", "checkpoint-000004-00000000.zip"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Within_an_epoch_a_checkpoint_is_written_whenever_the_interval_is_over()
    {
        using var network = Network();

        Train(network, Options with { Epochs = 1, ConsistentEpochs = 0, Checkpoints = new CheckpointOptions(folder) { Interval = TimeSpan.FromTicks(1), Keep = 100 } });

        Assert.Equal(
            ["checkpoint-000000-00000001.zip", "checkpoint-000000-00000002.zip", "checkpoint-000000-00000003.zip", "checkpoint-000001-00000000.zip"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_folder_without_checkpoints_starts_at_the_beginning_and_a_missing_file_is_refused()
    {
        using var unbroken = Network();
        Train(unbroken, Options);
        using var resumed = Network();

        Train(resumed, Options with { ResumeFrom = Path.Combine(folder, "none") });

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
        var exception = Assert.Throws<FileNotFoundException>(() => Train(resumed, Options with { ResumeFrom = Path.Combine(folder, "none.zip") }));
        Assert.Contains("none.zip', which does not exist", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> OtherRuns => new()
    {
        { "epochs", "its number of epochs is 3 there, 4 here." },
        { "rate", "its learning rate is 0.05 there, 0.06 here." },
        { "method", "its method, clean start probability is 0.5 there, 0 here." },
        { "seed", "its seed is 1 there, 2 here." },
        { "data", "its data is toys there, others here." },
        { "pixels", "its network, pixels, mean is [0.5] there, [0.4] here." },
        { "depth", "its network, backbone, depth is 8 there, 14 here." },
    };

    [Theory]
    [MemberData(nameof(OtherRuns))]
    public void A_checkpoint_of_another_run_is_refused_by_the_name_of_what_differs(string what, string message)
    {
        using (var network = Network())
            Train(network, Options with { Checkpoints = new CheckpointOptions(folder) });
        var pixels = what == "pixels" ? new PixelNormalization([0.4], [0.2]) : PixelNormalization.SymmetricRange;
        using var other = ImageNetwork.Create(Mixture with { Backbone = Mixture.Backbone.WithDepth(what == "depth" ? 14 : 8), Pixels = pixels }, CPU, new Seed(1));
        var before = TinyNetworks.State(other);
        var options = what switch
        {
            "epochs" => Options with { Epochs = 4 },
            "pixels" => Options with { PixelNormalization = pixels },
            "rate" => Options with { LearningRate = 0.06 },
            "method" => Options with { Method = TinyProblem.Pgd(2) },
            _ => Options,
        };

        var exception = Assert.Throws<InvalidDataException>(
            () => Train(other, options with { ResumeFrom = folder }, seed: what == "seed" ? 2 : 1, data: what == "data" ? "others" : "toys"));

        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Contains("checkpoint-000003-00000000.zip", exception.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNetworks.State(other));
    }

    [Fact]
    public void A_full_disk_is_told_and_leaves_the_checkpoint_before_and_the_run_goes_on_from_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a device that is always full.");
        using var unbroken = Network();
        Train(unbroken, Options);
        var options = Options with { Checkpoints = new CheckpointOptions(folder) };
        using (var network = Network())
        {
            var exception = Assert.Throws<IOException>(() => Train(network, options, report: FillTheDisk));
            Assert.Contains("checkpoint-000002-00000000.zip' cannot be written; those before it are intact", exception.Message, StringComparison.Ordinal);
            Assert.Contains("No space left", exception.Message, StringComparison.Ordinal);
        }
        Assert.Equal(["checkpoint-000001-00000000.zip"], Directory.GetFiles(folder).Select(Path.GetFileName));
        using var resumed = Network();
        Train(resumed, options with { ResumeFrom = folder });

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));

        void FillTheDisk(TrainingMetrics metrics)
        {
            if (metrics is { Epoch: 2, Batch: 1 })
                File.CreateSymbolicLink(Path.Combine(folder, "checkpoint-000002-00000000.zip.writing"), "/dev/full");
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ImageNetwork Network() => ImageNetwork.Create(Mixture, CPU, new Seed(1));

    private static void Train(
        ImageNetwork network, TrainingOptions options, int stopAfter = int.MaxValue, Action<TrainingMetrics>? report = null, int seed = 1, string data = "toys")
    {
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        TinyProblem.Train(
            network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3,
            metrics =>
            {
                report?.Invoke(metrics);
                if (++updates == stopAfter)
                    cancellation.Cancel();
            },
            seed, cancellation: cancellation.Token, data: data);
    }
}
