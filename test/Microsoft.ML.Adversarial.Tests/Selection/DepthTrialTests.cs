using Microsoft.ML.Adversarial.Tests.Components;

namespace Microsoft.ML.Adversarial.Tests.Selection;

/// <summary>The body of a trial, for a search of one's own.</summary>
public sealed class DepthTrialTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly ToyPictures pictures = new(perClass: 6);

    private static DepthExperimentSettings Settings { get; } = new()
    {
        Depths = [8, 14],
        Training = ToyPictures.QuickOptions with { Epochs = 4, BatchSize = 6 },
        CacheBeforeTrainer = true,
    };

    [Fact]
    public void The_body_of_a_trial_can_be_run_alone()
    {
        var view = pictures.View(ml);
        var featurizer = ToyPictures.Preparation(ml).Fit(view);
        var data = featurizer.Transform(view);

        var run = ml.Adversarial().CreateDepthExperiment(Settings).RunTrial(new DepthTrial(8) { Normalization = Normalization.MixtureBatch }, data, data, TestContext.Current.CancellationToken);

        using var model = Assert.IsType<ImageClassificationTransformer>(run.Model);
        Assert.Equal((DepthRunStatus.Completed, 4, Normalization.MixtureBatch), (run.Status, run.Epochs.Count, run.Normalization));
    }

    public void Dispose() => pictures.Dispose();
}
