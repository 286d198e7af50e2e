using Microsoft.ML.Adversarial.Tests.Components;

namespace Microsoft.ML.Adversarial.Tests.Selection;

/// <summary>An experiment goes on as itself, and says what it is at.</summary>
public sealed class DepthExperimentResumeTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 6);

    [Fact]
    public void Without_a_seed_the_same_experiment_in_another_process_goes_on_with_the_seed_that_it_left()
    {
        var settings = Settings;
        var (first, second) = (0, 0);
        using var begun = Execute(new MLContext(), settings with { TrialProgress = (_, _) => first++ });
        using var resumed = Execute(new MLContext(), settings with { TrialProgress = (_, _) => second++ });

        Assert.Equal((6, 0), (first, second));
        Assert.Equal(begun.BestRun.Epochs.Select(epoch => (epoch.Loss, epoch.CleanCorrect, epoch.RobustCorrect)), resumed.BestRun.Epochs.Select(epoch => (epoch.Loss, epoch.CleanCorrect, epoch.RobustCorrect)));
    }

    [Fact]
    public void Another_experiment_is_refused_by_what_differs_the_seed_first()
    {
        Execute(new MLContext(), Settings with { Training = Settings.Training with { Seed = 5 } }).Dispose();

        Says("its seed is 5 there, 6 here", Settings with { Depths = [8, 14], Training = Settings.Training with { Seed = 6 } });
        Says("its depths is [8] there, [8, 14] here", Settings with { Depths = [8, 14] });
        Says("its training, backbone, width is 4 there, 6 here", Settings with { Training = Settings.Training with { Backbone = new ResNet(8) { Width = 6 } } });
        Says("its maximum models is none there, 1 here", Settings with { MaximumModels = 1 });
        File.WriteAllText(Path.Combine(Settings.CheckpointDirectory!, "experiment.json"), "{");
        Says("experiment.json' is damaged", Settings);

        void Says(string message, DepthExperimentSettings settings) =>
            Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Execute(new MLContext(), settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_tells_rounds_continuations_and_plain_networks_apart()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, message) =>
        {
            if (message.Source.StartsWith(nameof(DepthExperiment), StringComparison.Ordinal))
                log.Add(message.RawMessage);
        };
        Execute(ml, Settings with { Depths = [8, 14], Training = Settings.Training with { Epochs = 2 }, ComparesPlainTraining = true }).Dispose();

        Assert.Contains("Round 1 of 2, to epoch 1 of 2: ResNet-8.", log);
        Assert.Contains("Round 1 of 2, to epoch 1 of 2: ResNet-14.", log);
        Assert.Single(log, line => line.StartsWith("Round 2 of 2, to epoch 2 of 2: ResNet-", StringComparison.Ordinal) && line.EndsWith(" goes on behind epoch 1.", StringComparison.Ordinal));
        Assert.Contains("For comparison, on clean images alone: plain ResNet-8.", log);
        Assert.Single(log, line => line.Contains(": stopped early behind epoch 1; best epoch 1: ", StringComparison.Ordinal) && line.EndsWith(" clean of 18 images.", StringComparison.Ordinal));
        Assert.DoesNotContain(log, line => line.Contains("NaN", StringComparison.Ordinal));
    }

    public void Dispose() => pictures.Dispose();

    private DepthExperimentSettings Settings => new()
    {
        Depths = [8],
        Training = ToyPictures.QuickOptions with { Epochs = 2, BatchSize = 6, Seed = null },
        ComparesPlainTraining = false,
        CheckpointDirectory = Path.Combine(pictures.Folder, "experiment"),
    };

    private DepthExperimentResult Execute(MLContext ml, DepthExperimentSettings settings) =>
        ml.Adversarial().CreateDepthExperiment(settings).Execute(pictures.View(ml), pictures.View(ml), ToyPictures.Preparation(ml));
}
