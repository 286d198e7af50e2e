
namespace Microsoft.ML.Adversarial;

/// <summary>The runs of one experiment, round by round.</summary>
internal sealed class DepthRuns(
    DepthTrialRunner runner, DepthExperimentSettings settings, ITransformer? featurizer, IDataView train, IDataView validation, IProgress<DepthRunDetail>? progress,
    Action<string> inform) : IDisposable
{
    private readonly SharedTrials shared = new(settings.Group);
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
            var able = TrainRound(candidates, epoch, round, cancellation).ToList();
            candidates = epoch == rounds[^1] ? [] : SuccessiveHalving.Survivors(able, trial => MetricAt(trial, epoch));
            foreach (var trial in able.Except(candidates))
                End(latest[trial], epoch == rounds[^1] ? DepthRunStatus.Completed : DepthRunStatus.StoppedEarly);
        }
        foreach (var trial in TrainRound(plain, settings.Training.Epochs, "For comparison, on clean images alone", cancellation))
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

    /// <returns>Those that may be trained on, each when it is trained; the others have ended.</returns>
    private IEnumerable<DepthTrial> TrainRound(IReadOnlyList<DepthTrial> trials, int untilEpoch, string round, CancellationToken cancellation)
    {
        var trained = shared.Train(
            trials,
            trial => runner.CostOf(trial, train.Schema).MultiplyAdds,
            trial => cancellation.IsCancellationRequested ? null : Train(trial),
            (trial, report) => runner.TakeOver(trial, report, featurizer, train, validation));
        return trained.Where(ended => MayGoOn(ended.Trial, ended.Detail)).Select(ended => ended.Trial);

        DepthRunDetail Train(DepthTrial trial)
        {
            inform($"{round}: {trial}{(latest.TryGetValue(trial, out var standing) ? FormattableString.Invariant($" goes on behind epoch {standing.Epochs.Count}") : "")}.");
            return runner.Run(trial, WarmStartFor(trial), featurizer, train, validation, untilEpoch, cancellation);
        }
    }

    /// <param name="trial">The network.</param>
    /// <param name="detail">What came of it in this round; null where there was no time for it.</param>
    private bool MayGoOn(DepthTrial trial, DepthRunDetail? detail)
    {
        var earlier = latest.GetValueOrDefault(trial);
        if (detail is null)
        {
            if (earlier is not null)
                End(earlier, DepthRunStatus.OutOfTime);
            return false;
        }
        // A run that fails late, or is stopped before it is measured again, is still worth what it was.
        if (detail.Model is null && earlier is not null)
            (earlier.Status, earlier.Exception, detail) = (detail.Status, detail.Exception, earlier);
        else
            earlier?.Classifier?.Dispose();
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
