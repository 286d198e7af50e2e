using Microsoft.ML.Adversarial.Tests.Networks;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a run tells TensorBoard, read back from its file.</summary>
public sealed class EventDirectoryTests : IDisposable
{
    private static readonly PgdAttack Attack = new(Budget.LInf(8)) { Steps = 1 };

    private readonly string folder = Directory.CreateTempSubdirectory("events-").FullName;

    /// <summary>Measured on the first and third of three batches.</summary>
    private static TrainingOptions Options { get; } = TinyProblem.Options with
    {
        MeasureEvery = 2,
        Method = new AdversarialTraining(Attack),
        Selection = new ModelSelection(Attack),
        Schedule = LearningRateSchedule.Cosine(),
    };

    private string Events => Path.Combine(folder, "new", "events");

    [Fact]
    public void Every_update_and_every_epoch_is_in_the_file_with_its_values()
    {
        var reports = new List<TrainingMetrics>();

        var outcome = Train(Options with { EventDirectory = Events }, reports.Add);

        var (version, scalars) = EventFile.Read(Directory.GetFiles(Events, "events.out.tfevents.*").Single());
        Assert.Equal("brain.Event:2", version);
        Assert.Equal([1, 2, 3, 4, 5, 6], Of("training/loss").Select(scalar => scalar.Step));
        Assert.Equal(reports.Select(report => (float)report.LearningRate), Of("training/learning_rate").Select(scalar => scalar.Value));
        Assert.Equal([1, 3, 4, 6], Of("training/clean_accuracy").Select(scalar => scalar.Step));
        Assert.Equal([1, 3, 4, 6], Of("training/robust_accuracy").Select(scalar => scalar.Step));
        Assert.Equal(6, Of("training/images_per_second").Count);
        Assert.All(Of("training/images_per_second"), scalar => Assert.True(scalar.Value > 0));
        Assert.Equal(outcome.Epochs.Select((epoch, index) => (3L * (index + 1), (float)epoch.CleanAccuracy)), Of("validation/clean_accuracy").Select(scalar => (scalar.Step, scalar.Value)));
        Assert.Equal(outcome.Epochs.Select((epoch, index) => (3L * (index + 1), (float)epoch.RobustAccuracy)), Of("validation/robust_accuracy").Select(scalar => (scalar.Step, scalar.Value)));
        // Four, four and three images: the epoch's mean, from the updates' own losses.
        var losses = Of("training/loss").Select(scalar => scalar.Value).ToArray();
        Assert.Equal(reports[2].Loss, (4 * losses[0] + 4 * losses[1] + 3 * losses[2]) / 11, 1e-5);
        Assert.Equal(reports[0].Loss, losses[0], 1e-6);
        Assert.All(scalars, scalar => Assert.InRange(scalar.WallTime, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds()));

        List<ScalarEvent> Of(string tag) => [.. scalars.Where(scalar => scalar.Tag == tag)];
    }

    [Fact]
    public void A_resumed_run_adds_a_file_and_goes_on_counting()
    {
        var options = Options with { EventDirectory = Events, Checkpoints = new CheckpointOptions(Path.Combine(folder, "checkpoints")) };
        Assert.Throws<OperationCanceledException>(() => Train(options, stopAfter: 4));
        var first = Directory.GetFiles(Events).Single();

        Train(options with { ResumeFrom = options.Checkpoints!.Directory });

        var second = Directory.GetFiles(Events).Single(path => path != first);
        Assert.Equal([1, 2, 3, 4], Steps(first));
        Assert.Equal([5, 6], Steps(second));

        static IEnumerable<long> Steps(string path) => EventFile.Read(path).Scalars.Where(scalar => scalar.Tag == "training/loss").Select(scalar => scalar.Step);
    }

    [Fact]
    public void Without_attack_and_selection_there_are_no_scalars_of_either()
    {
        Train(Options with { EventDirectory = Events, Method = new PlainTraining(), Selection = null });

        var tags = EventFile.Read(Directory.GetFiles(Events).Single()).Scalars.Select(scalar => scalar.Tag).ToHashSet();
        Assert.Equal(["training/clean_accuracy", "training/images_per_second", "training/learning_rate", "training/loss"], tags.Order());
    }

    [Fact]
    public void Events_change_nothing_in_the_run()
    {
        using var silent = TinyProblem.Network();
        using var told = TinyProblem.Network();

        Train(Options, network: silent);
        Train(Options with { EventDirectory = Events }, network: told);

        Assert.Equal(TinyNetworks.State(silent), TinyNetworks.State(told));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_by_the_options_name_before_the_first_update()
    {
        var file = Path.Combine(folder, "file");
        File.WriteAllText(file, "");
        var reports = new List<TrainingMetrics>();

        var exception = Assert.Throws<IOException>(() => Train(Options with { EventDirectory = Path.Combine(file, "events") }, reports.Add));

        Assert.StartsWith($"The events of training cannot be written to EventDirectory, '{Path.Combine(file, "events")}'.", exception.Message, StringComparison.Ordinal);
        Assert.Empty(reports);
        Assert.Throws<ArgumentException>(() => new TrainingOptions { EventDirectory = " " });
        Assert.Null(new TrainingOptions().EventDirectory);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static TrainingOutcome Train(TrainingOptions options, Action<TrainingMetrics>? report = null, int stopAfter = int.MaxValue, ImageNetwork? network = null)
    {
        using var own = TinyProblem.Network();
        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        return TinyProblem.Train(
            network ?? own, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3,
            metrics =>
            {
                report?.Invoke(metrics);
                if (++updates == stopAfter)
                    cancellation.Cancel();
            },
            cancellation: cancellation.Token, validation: () => TinyProblem.Batches(100, 4, 5));
    }
}
