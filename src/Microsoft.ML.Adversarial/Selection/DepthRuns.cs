
namespace Microsoft.ML.Adversarial;

/// <summary>The runs of one experiment, round by round.</summary>
internal sealed class DepthRuns(
    DepthTrialRunner runner, DepthExperimentSettings settings, ITransformer? featurizer, IDataView train, IDataView validation, IProgress<DepthRunDetail>? progress) : IDisposable
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
        foreach (var epoch in rounds)
        {
            var able = candidates.Where(trial => Train(trial, epoch, cancellation)).ToList();
            candidates = epoch == rounds[^1] ? [] : SuccessiveHalving.Survivors(able, trial => MetricAt(trial, epoch));
            foreach (var trial in able.Except(candidates))
                End(latest[trial] with { Status = epoch == rounds[^1] ? DepthRunStatus.Completed : DepthRunStatus.StoppedEarly });
        }
        foreach (var trial in plain)
            if (Train(trial, settings.Training.Epochs, cancellation))
                End(latest[trial]);
    }

    public void Dispose()
    {
        foreach (var run in latest.Values)
            run.Classifier?.Dispose();
    }

    /// <summary>The cheapest first.</summary>
    private (IReadOnlyList<DepthTrial> Candidates, IReadOnlyList<DepthTrial> Plain) Candidates()
    {
        var candidates = settings.Trials.OrderBy(trial => runner.CostOf(trial, train.Schema).MultiplyAdds).Take(settings.MaxModels ?? int.MaxValue).ToList();
        var plain = candidates.DistinctBy(trial => (trial.Depth, trial.Width)).Select(trial => trial with { IsPlain = true });
        return (candidates, settings.ComparesPlainTraining ? [.. plain] : []);
    }

    /// <returns>Whether it may be trained on; if not, it has ended.</returns>
    private bool Train(DepthTrial trial, int untilEpoch, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            if (latest.TryGetValue(trial, out var before))
                End(before with { Status = DepthRunStatus.OutOfTime });
            return false;
        }
        var detail = runner.Run(trial, WarmStartFor(trial), featurizer, train, validation, untilEpoch, cancellation);
        // A run that fails late, or is stopped before it is measured again, is still worth what it was.
        if (detail.Model is null && latest.TryGetValue(trial, out var earlier))
            detail = earlier with { Status = detail.Status, Exception = detail.Exception };
        else if (latest.TryGetValue(trial, out var replaced))
            replaced.Classifier?.Dispose();
        latest[trial] = detail;
        if (detail.Status == DepthRunStatus.Completed && (trial.IsPlain || settings.IsFastEnough(detail)))
            return true;
        End(detail.Status == DepthRunStatus.Completed ? detail with { Status = DepthRunStatus.StoppedEarly } : detail);
        return false;
    }

    private ImageClassificationTransformer? WarmStartFor(DepthTrial trial) => settings.WarmStart && !trial.IsPlain && !latest.ContainsKey(trial)
        ? latest.Values
            .Where(run => run.Trial.Depth < trial.Depth && run.Trial with { Depth = trial.Depth } == trial)
            .MaxBy(run => run.Trial.Depth)?.Classifier
        : null;

    private double MetricAt(DepthTrial trial, int epoch) =>
        latest[trial].Epochs.Where(measured => measured.Epoch <= epoch).Max(settings.SelectionFor(trial).Score);

    private void End(DepthRunDetail detail)
    {
        ended.Add(detail);
        progress?.Report(detail);
    }
}
