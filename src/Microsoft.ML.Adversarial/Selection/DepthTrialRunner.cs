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

    private DepthRunDetail Train(
        DepthTrial trial, ImageClassificationTransformer? warmStart, ITransformer? featurizer, IDataView train, IDataView validation, int? pauseAfter, CancellationToken cancellation)
    {
        var trainer = Trainer(trial, pauseAfter, cancellation);
        var architecture = trainer.ArchitectureFor(train.Schema);
        var cost = NetworkCost.Of(architecture);
        ImageClassificationTransformer classifier;
        TrainingOutcome outcome;
        try
        {
            (classifier, outcome) = trainer.FitWithOutcome(train, validation, warmStart);
        }
        catch (OperationCanceledException)
        {
            return Detail(DepthRunStatus.OutOfTime, null);
        }
        // What another network may not meet; mistakes in data and options would come again with each one.
        catch (Exception exception) when (exception is InvalidOperationException or InsufficientMemoryException or NotSupportedException)
        {
            return Detail(DepthRunStatus.Failed, null, exception);
        }
        if (classifier.ValidatedEpochs.Count == 0)
        {
            classifier.Dispose();
            return Detail(DepthRunStatus.OutOfTime, null);
        }
        return Detail(outcome.End == TrainingEnd.Stopped ? DepthRunStatus.OutOfTime : DepthRunStatus.Completed, classifier);

        DepthRunDetail Detail(DepthRunStatus status, ImageClassificationTransformer? model, Exception? exception = null)
        {
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
                TrainingTime = model?.TrainingTime ?? TimeSpan.Zero,
                Latency = model is null ? null : ModelLatency.Measure(model, validation),
                Model = featurizer is null || model is null ? model : new TransformerChain<ImageClassificationTransformer>(featurizer, model),
                Classifier = model,
            };
        }
    }

    private ImageClassificationTrainer Trainer(DepthTrial trial, int? pauseAfter, CancellationToken cancellation)
    {
        var training = settings.Training;
        var directory = checkpoints is null ? null : Path.Combine(checkpoints, trial.DirectoryName + (settings.WarmStart ? "-warm" : ""));
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
            EventDirectory = training.EventDirectory is { } events ? Path.Combine(events, trial.DirectoryName) : null,
            PauseAfterEpoch = pauseAfter,
            WhenStopped = StoppedTraining.ReturnModel,
            Seed = seed,
            MetricsCallback = training.MetricsCallback + (settings.TrialProgress is { } progress ? metrics => progress(trial, metrics) : null),
            CancellationToken = cancellation,
        });
    }
}
