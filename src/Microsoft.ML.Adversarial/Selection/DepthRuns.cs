
namespace Microsoft.ML.Adversarial;

/// <summary>The runs of one experiment, round by round.</summary>
internal sealed class DepthRuns(
    DepthTrialRunner runner, DepthExperimentSettings settings, ITransformer? featurizer, IDataView train, IDataView validation, IProgress<DepthRunDetail>? progress,
    Action<string> inform) : IDisposable
{
    private readonly Dictionary<DepthTrial, DepthRunDetail> latest = [];
    private readonly List<DepthRunDetail> ended = [];

    /// <summary>In the order they ended.</summary>
    public IReadOnlyList<DepthRunDetail> Ended => ended;

    /// <summary>Every run is reported when it ends. A run that goes on from a checkpoint may be ahead of its round; it is then judged by what it was in that round.</summary>
    public void TrainAll(CancellationToken cancellation)
    {
        var (candidates, plain) = Candidates();
        var rounds = SuccessiveHalving.Rounds(candidates.Count, settings.Training.Epochs, settings.Halvings);
        foreach (var (number, epoch) in rounds.Index())
        {
            var round = FormattableString.Invariant($"Round {number + 1} of {rounds.Count}, to epoch {epoch} of {settings.Training.Epochs}");
            var able = candidates.Where(trial => Train(trial, epoch, round, cancellation)).ToList();
            candidates = epoch == rounds[^1] ? [] : SuccessiveHalving.Survivors(able, trial => MetricAt(trial, epoch));
            foreach (var trial in able.Except(candidates))
                End(latest[trial], epoch == rounds[^1] ? DepthRunStatus.Completed : DepthRunStatus.StoppedEarly);
        }
        foreach (var trial in plain)
            if (Train(trial, settings.Training.Epochs, "For comparison, on clean images alone", cancellation))
                End(latest[trial], DepthRunStatus.Completed);
    }

    public void Dispose()
    {
        foreach (var run in latest.Values)
            run.Classifier?.Dispose();
    }

    /// <summary>The cheapest first.</summary>
    private (IReadOnlyList<DepthTrial> Candidates, IReadOnlyList<DepthTrial> Plain) Candidates()
    {
        var candidates = settings.Trials.OrderBy(trial => runner.CostOf(trial, train.Schema).MultiplyAdds).Take(settings.MaximumModels ?? int.MaxValue).ToList();
        var plain = candidates.DistinctBy(trial => (trial.Depth, trial.Width)).Select(settings.PlainOf);
        return (candidates, settings.ComparesPlainTraining ? [.. plain] : []);
    }

    /// <returns>Whether it may be trained on; if not, it has ended.</returns>
    private bool Train(DepthTrial trial, int untilEpoch, string round, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            if (latest.TryGetValue(trial, out var before))
                End(before, DepthRunStatus.OutOfTime);
            return false;
        }
        inform($"{round}: {trial}{(latest.TryGetValue(trial, out var standing) ? FormattableString.Invariant($" goes on behind epoch {standing.Epochs.Count}") : "")}.");
        var detail = runner.Run(trial, WarmStartFor(trial), featurizer, train, validation, untilEpoch, cancellation);
        // A run that fails late, or is stopped before it is measured again, is still worth what it was.
        if (detail.Model is null && latest.TryGetValue(trial, out var earlier))
            (earlier.Status, earlier.Exception, detail) = (detail.Status, detail.Exception, earlier);
        else if (latest.TryGetValue(trial, out var replaced))
            replaced.Classifier?.Dispose();
        latest[trial] = detail;
        if (detail.Status == DepthRunStatus.Completed && (trial.IsForComparison || settings.IsFastEnough(detail)))
            return true;
        End(detail, detail.Status == DepthRunStatus.Completed ? DepthRunStatus.StoppedEarly : detail.Status);
        return false;
    }

    private ImageClassificationTransformer? WarmStartFor(DepthTrial trial) => settings.WarmStart && !trial.IsForComparison && !latest.ContainsKey(trial)
        ? latest.Values
            .Where(run => run.Trial.Depth < trial.Depth && (run.Trial.Width, run.Trial.Normalization, run.Trial.Method) == (trial.Width, trial.Normalization, trial.Method))
            .MaxBy(run => run.Trial.Depth)?.Classifier
        : null;

    private double MetricAt(DepthTrial trial, int epoch) =>
        latest[trial].Epochs.Where(measured => measured.Epoch <= epoch).Max(settings.SelectionFor(trial).Score);

    private void End(DepthRunDetail detail, DepthRunStatus status)
    {
        detail.Status = status;
        inform($"{detail.Trial}: {DepthReport.Summary(detail)}");
        AdversarialTelemetry.TrialEnded($"{status}");
        ended.Add(detail);
        progress?.Report(detail);
    }
}
