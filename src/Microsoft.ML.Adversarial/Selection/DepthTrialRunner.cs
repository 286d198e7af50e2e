using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>Trains one network of an experiment for some epochs, and again for some more.</summary>
/// <param name="ml">Trains.</param>
/// <param name="settings">How.</param>
/// <param name="seed">Of every run: networks of one shape start from the same weights and see the same batches.</param>
/// <param name="checkpoints">A directory with one for each network; null for none, and then no run goes on.</param>
internal sealed class DepthTrialRunner(MLContext ml, DepthExperimentSettings settings, int seed, string? checkpoints)
{
    /// <exception cref="ArgumentException">The network does not fit the data, or the options contradict each other.</exception>
    public NetworkCost CostOf(DepthTrial trial, DataViewSchema schema) => NetworkCost.Of(Trainer(trial, pauseAfter: null, default).ArchitectureFor(schema));

    /// <param name="trial">The network.</param>
    /// <param name="warmStart">A shallower network to start from; null to start anew.</param>
    /// <param name="featurizer">Made the columns of <paramref name="train"/>; part of the model. Null for none.</param>
    /// <param name="train">Training images, key-typed labels.</param>
    /// <param name="validation">The same of other images.</param>
    /// <param name="pauseAfter">The epoch after which to pause; null to train to the end.</param>
    /// <param name="cancellation">Stops within one weight update; what has been trained until then counts.</param>
    public DepthRunDetail Run(
        DepthTrial trial, ImageClassificationTransformer? warmStart, ITransformer? featurizer, IDataView train, IDataView validation, int? pauseAfter, CancellationToken cancellation) =>
        AdversarialTelemetry.Within("adversarial.trial", activity =>
        {
            activity?.SetTag("adversarial.trial", trial.ToString());
            var detail = Train(trial, warmStart, featurizer, train, validation, pauseAfter, cancellation);
            activity?.SetTag("adversarial.trial.status", detail.Status.ToString());
            return detail;
        });

    /// <summary>What another rank trained, from its checkpoint.</summary>
    /// <param name="trial">The network.</param>
    /// <param name="report">What that rank told.</param>
    /// <param name="featurizer">As in <see cref="Run"/>.</param>
    /// <param name="train">The same images that the other rank has.</param>
    /// <param name="validation">The same of other images.</param>
    /// <exception cref="InvalidDataException">There is no checkpoint here, or it is one of other data.</exception>
    public DepthRunDetail TakeOver(DepthTrial trial, TrialReport report, ITransformer? featurizer, IDataView train, IDataView validation)
    {
        if (report.Epochs > 0 && CheckpointStore.Find(DirectoryOf(trial)!) is null)
            throw new InvalidDataException($"There is no checkpoint of {trial} in '{DirectoryOf(trial)}', where another rank trained it; expected a CheckpointDirectory that all ranks see.");
        var trainer = Trainer(trial, pauseAfter: Math.Max(1, report.Epochs), default, writesEvents: false);
        var model = report.Epochs > 0 ? trainer.FitWithOutcome(train, validation).Model : null;
        return Detail(
            trial, trainer.ArchitectureFor(train.Schema), featurizer, model, report.Status, report.TrainingTime, report.Latency,
            report.Failure is null ? null : new InvalidOperationException($"In another rank, {report.Failure}"));
    }

    private DepthRunDetail Train(
        DepthTrial trial, ImageClassificationTransformer? warmStart, ITransformer? featurizer, IDataView train, IDataView validation, int? pauseAfter, CancellationToken cancellation)
    {
        var trainer = Trainer(trial, pauseAfter, cancellation);
        var architecture = trainer.ArchitectureFor(train.Schema);
        ImageClassificationTransformer classifier;
        TrainingOutcome outcome;
        try
        {
            (classifier, outcome) = trainer.FitWithOutcome(train, validation, warmStart);
        }
        catch (OperationCanceledException)
        {
            return Ended(DepthRunStatus.OutOfTime);
        }
        // What another network may not meet; mistakes in data and options would come again with each one.
        catch (Exception exception) when (exception is InvalidOperationException or InsufficientMemoryException or NotSupportedException)
        {
            return Ended(DepthRunStatus.Failed, exception: exception);
        }
        if (classifier.ValidatedEpochs.Count == 0)
        {
            classifier.Dispose();
            return Ended(DepthRunStatus.OutOfTime);
        }
        return Ended(outcome.End == TrainingEnd.Stopped ? DepthRunStatus.OutOfTime : DepthRunStatus.Completed, classifier);

        DepthRunDetail Ended(DepthRunStatus status, ImageClassificationTransformer? model = null, Exception? exception = null) => Detail(
            trial, architecture, featurizer, model, status, model?.TrainingTime ?? TimeSpan.Zero, model is null ? null : ModelLatency.Measure(model, validation), exception);
    }

    private DepthRunDetail Detail(
        DepthTrial trial, NetworkArchitecture architecture, ITransformer? featurizer, ImageClassificationTransformer? model, DepthRunStatus status, TimeSpan trainingTime, TimeSpan? latency, Exception? exception)
    {
        var cost = NetworkCost.Of(architecture);
        var best = model?.ValidatedEpochs.Single(epoch => epoch.Epoch == model.BestEpoch);
        return new DepthRunDetail
        {
            Trial = trial,
            Status = status,
            Exception = exception,
            Width = cost.Width,
            Normalization = architecture.Normalization,
            Parameters = cost.Parameters,
            MultiplyAdds = cost.MultiplyAdds,
            Epochs = model?.ValidatedEpochs ?? [],
            BestEpoch = best?.Epoch,
            CleanAccuracy = best is null ? null : AccuracyInterval.Wilson(best.Clean),
            RobustAccuracy = best is null ? null : AccuracyInterval.Wilson(best.Robust),
            Metric = best is null ? double.NaN : settings.SelectionFor(trial).Score(best),
            TrainingTime = trainingTime,
            Latency = latency,
            Model = featurizer is null || model is null ? model : new TransformerChain<ImageClassificationTransformer>(featurizer, model),
            Classifier = model,
        };
    }

    private string? DirectoryOf(DepthTrial trial) => checkpoints is null ? null : Path.Combine(checkpoints, trial.DirectoryName + (settings.WarmStart ? "-warm" : ""));

    private ImageClassificationTrainer Trainer(DepthTrial trial, int? pauseAfter, CancellationToken cancellation, bool writesEvents = true)
    {
        var training = settings.Training;
        var directory = DirectoryOf(trial);
        return new ImageClassificationTrainer(ml, training with
        {
            Backbone = trial.Width is { } width ? training.Backbone.WithDepth(trial.Depth).WithWidth(width) : training.Backbone.WithDepth(trial.Depth),
            Normalization = trial.Normalization ?? training.Normalization,
            Method = trial.Method ?? training.Method,
            InferenceDomain = trial.IsForComparison ? null : training.InferenceDomain,
            BudgetWarmupEpochs = trial.IsForComparison ? 0 : training.BudgetWarmupEpochs,
            Selection = settings.SelectionFor(trial),
            Checkpoints = directory is null ? null : new CheckpointOptions(directory) { Keep = 1 },
            ResumeFrom = directory,
            EventDirectory = writesEvents && training.EventDirectory is { } events ? Path.Combine(events, trial.DirectoryName) : null,
            PauseAfterEpoch = pauseAfter,
            WhenStopped = StoppedTraining.ReturnModel,
            Seed = seed,
            MetricsCallback = training.MetricsCallback + (settings.TrialProgress is { } progress ? metrics => progress(trial, metrics) : null),
            CancellationToken = cancellation,
        });
    }
}
