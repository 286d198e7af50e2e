using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Xml.Linq;
using Microsoft.ML.Adversarial.Tests.Components;
using Microsoft.ML.Adversarial.Tests.Training;

namespace Microsoft.ML.Adversarial.Tests.Common;

/// <summary>What listeners of <see cref="System.Diagnostics"/> hear of a training, an evaluation and an experiment.</summary>
public sealed class AdversarialTelemetryTests(AttackedPictures toys) : IClassFixture<AttackedPictures>, IDisposable
{
    private static readonly PgdAttack Attack = new(Budget.LInf(8)) { Steps = 1 };

    private readonly TelemetryRecorder recorder = new();

    public void Dispose() => recorder.Dispose();

    [Fact]
    public void A_training_counts_its_epochs_updates_and_images_and_tells_loss_and_accuracies()
    {
        using var network = TinyProblem.Network();
        var reports = new List<TrainingMetrics>();
        var options = TinyProblem.Options with { MeasureEvery = 2, Method = new AdversarialTraining(Attack), Selection = new ModelSelection(Attack) };

        var outcome = TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3, reports.Add, validation: () => TinyProblem.Batches(50, 6));

        Assert.Equal((2, 6, 22), (recorder.Values("adversarial.training.epochs").Sum(), recorder.Values("adversarial.training.updates").Sum(), recorder.Values("adversarial.training.images").Sum()));
        Assert.Equal(reports.Select(report => report.Loss), recorder.Values("adversarial.training.loss"));
        Assert.Equal(reports.Select(report => report.CleanAccuracy), recorder.Values("adversarial.training.accuracy", "clean"));
        Assert.Equal(reports.Select(report => report.RobustAccuracy), recorder.Values("adversarial.training.accuracy", "attacked"));
        Assert.Equal(outcome.Epochs.Select(epoch => epoch.CleanAccuracy), recorder.Values("adversarial.validation.accuracy", "clean"));
        Assert.Equal(outcome.Epochs.Select(epoch => epoch.RobustAccuracy), recorder.Values("adversarial.validation.accuracy", "attacked"));
        Assert.Equal(2, recorder.Values("adversarial.training.epoch.duration").Count(seconds => seconds > 0));
        var epochs = recorder.Named("adversarial.epoch");
        Assert.Equal([1, 2], epochs.Select(epoch => epoch.GetTagItem("adversarial.epoch")));
        Assert.Equal([reports[2].Loss, reports[5].Loss], epochs.Select(epoch => epoch.GetTagItem("adversarial.loss")));
        Assert.Equal(epochs.Select(epoch => epoch.SpanId), recorder.Named("adversarial.evaluate").Select(validation => validation.ParentSpanId));
    }

    [Fact]
    public void An_epoch_that_began_in_another_process_has_no_duration()
    {
        var folder = Path.Combine(toys.Pictures.Folder, "half an epoch");
        var options = TinyProblem.Options with { Epochs = 1, Checkpoints = new CheckpointOptions(folder), ResumeFrom = folder };
        using var network = TinyProblem.Network();
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4), 2, _ => source.Cancel(), cancellation: source.Token));
        Assert.Equal(ActivityStatusCode.Unset, Assert.Single(recorder.Named("adversarial.epoch")).Status);

        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4), 2);

        Assert.Equal((1, 2), (recorder.Values("adversarial.training.epochs").Sum(), recorder.Values("adversarial.training.updates").Sum()));
        Assert.Empty(recorder.Values("adversarial.training.epoch.duration"));
    }

    [Fact]
    public void A_fit_spans_its_epochs_and_one_that_fails_says_so()
    {
        var options = ToyPictures.QuickOptions with { Epochs = 1 };
        toys.Ml.Adversarial().Trainers.ImageClassification(options).Fit(toys.Prepared).Dispose();
        Assert.Throws<InvalidOperationException>(() => toys.Ml.Adversarial().Trainers.ImageClassification(options with { Method = new IdleMethod() }).Fit(toys.Prepared));

        var (fits, epochs) = (recorder.Named("adversarial.fit"), recorder.Named("adversarial.epoch"));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error], fits.Select(fit => fit.Status));
        Assert.All(fits, fit => Assert.Contains("ResNet-8", $"{fit.GetTagItem("adversarial.network")}", StringComparison.Ordinal));
        Assert.Equal(fits.Select(fit => fit.SpanId), epochs.Select(epoch => epoch.ParentSpanId));
        Assert.Equal("exception", Assert.Single(fits[1].Events).Name);
    }

    [Fact]
    public void An_evaluation_counts_what_its_attacks_met_and_broke_and_not_again_what_its_state_file_knows()
    {
        var ensemble = new AttackEnsemble("both", Budget.LInf(24), [AttackedPictures.Attack, new SquareAttack(Budget.LInf(24)) { Queries = 20 }]);
        var options = new RobustnessEvaluationOptions { Seed = 5, BatchSize = 10, StateFile = Path.Combine(toys.Pictures.Folder, "telemetry.jsonl") };

        var evaluation = toys.Ml.Adversarial().EvaluateRobustness(toys.Classifier, toys.Prepared, [ensemble], options);
        toys.Ml.Adversarial().EvaluateRobustness(toys.Classifier, toys.Prepared, [ensemble], options);

        Assert.Equal(evaluation.Examples, recorder.Values("adversarial.evaluation.images", "clean").Sum());
        foreach (var member in evaluation.Attacks[0].Members)
        {
            Assert.Equal(member.Examples, recorder.Values("adversarial.evaluation.images", member.Attack.Name).Sum());
            Assert.Equal(member.Broken, recorder.Values("adversarial.evaluation.broken", member.Attack.Name).Sum());
            Assert.Equal(member.Elapsed.TotalSeconds, recorder.Values("adversarial.evaluation.attack.duration", member.Attack.Name).Sum(), 1e-5);
        }
        Assert.True(evaluation.Attacks[0].Members[0].Broken > 0);
        var evaluations = recorder.Named("adversarial.evaluate");
        Assert.Equal([18, 18], evaluations.Select(one => one.GetTagItem("adversarial.evaluation.images")));
        var attacks = recorder.Named("adversarial.attack");
        Assert.Equal([10, 8, 10, 8], attacks.Select(attack => attack.GetTagItem("adversarial.evaluation.images")));
        Assert.All(attacks, attack => Assert.Equal("both", attack.GetTagItem("adversarial.attack")));
        Assert.Equal([evaluations[0].SpanId, evaluations[0].SpanId, evaluations[1].SpanId, evaluations[1].SpanId], attacks.Select(attack => attack.ParentSpanId));
    }

    [Fact]
    public void An_experiment_counts_its_trials_by_how_they_ended()
    {
        var settings = new DepthExperimentSettings { Depths = [8, 14], Training = ToyPictures.QuickOptions with { Epochs = 2 }, ComparesPlainTraining = false };

        using var result = toys.Ml.Adversarial().CreateDepthExperiment(settings).Execute(toys.Prepared, toys.Prepared);
        using var trial = toys.Ml.Adversarial().CreateDepthExperiment(settings).RunTrial(new DepthTrial(8), toys.Prepared, toys.Prepared, TestContext.Current.CancellationToken).Model as IDisposable;

        var expected = result.RunDetails.Select(run => $"{run.Status}").Append("Completed").CountBy(status => status).ToDictionary();
        Assert.Equal(expected.Keys.ToHashSet(), recorder.Tags("adversarial.experiment.trials"));
        Assert.All(expected, pair => Assert.Equal(pair.Value, recorder.Values("adversarial.experiment.trials", pair.Key).Sum()));
        // Two in the first round, the better half in the second, and the one by itself.
        Assert.Equal(4, recorder.Named("adversarial.trial").Count);
        Assert.All(recorder.Named("adversarial.trial"), one => Assert.Equal("Completed", one.GetTagItem("adversarial.trial.status")));
        Assert.Equal(recorder.Named("adversarial.trial").Select(one => one.SpanId), recorder.Named("adversarial.fit").Select(fit => fit.ParentSpanId));
    }

    [Fact]
    public void The_documentation_lists_every_instrument_with_its_kind_and_unit()
    {
        var documented = XDocument.Load(Path.ChangeExtension(typeof(AdversarialCatalog).Assembly.Location, ".xml")).Descendants("member")
            .Single(member => (string?)member.Attribute("name") == $"T:{typeof(AdversarialTelemetry).FullName}").Descendants("list").First().Elements("item")
            .Select(item => $"{item.Element("term")!.Value}: {item.Element("description")!.Value.Split(':')[0]}");

        Assert.Equal(
            recorder.Instruments.Select(instrument => $"{instrument.Name}: {Kind(instrument)}, {instrument.Unit}").Order(StringComparer.Ordinal),
            documented.Select(line => string.Join(", ", line.Split(", ").Take(2))).Order(StringComparer.Ordinal));

        static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0].ToLowerInvariant();
    }

    /// <summary>Updates nothing, which is refused.</summary>
    private sealed record IdleMethod : TrainingMethod
    {
        protected internal override void Step(UpdateContext step)
        {
        }
    }
}
