using System.Text.Json;

namespace Microsoft.ML.Adversarial;

/// <summary>The trials of a round among the ranks: each trains its own, tells what came of them, and takes over what the others trained. Alone there is nothing to tell.</summary>
internal sealed class SharedTrials(ProcessGroup group)
{
    private readonly RankAgreement ranks = new(group);

    /// <param name="trials">The same in every rank.</param>
    /// <param name="cost">Of each trial, for ranks to have about as much to do.</param>
    /// <param name="train">Gives what came of a trial; null where there was no time for it.</param>
    /// <param name="takeOver">Gives the same of a trial of another rank.</param>
    /// <returns>All of them in their order, in every rank. Where the process is alone each is trained when it is asked for.</returns>
    public IEnumerable<(DepthTrial Trial, DepthRunDetail? Detail)> Train(
        IReadOnlyList<DepthTrial> trials, Func<DepthTrial, long> cost, Func<DepthTrial, DepthRunDetail?> train, Func<DepthTrial, TrialReport, DepthRunDetail> takeOver) =>
        group.IsAlone ? trials.Select(trial => (trial, train(trial))) : ranks.InStep(() => Shared(trials, cost, train, takeOver));

    /// <summary>Which rank trains each trial: the dearest first, always by the rank that has least to do so far.</summary>
    internal static int[] Turns(IReadOnlyList<long> costs, int ranks)
    {
        var turns = new int[costs.Count];
        var loads = new long[ranks];
        foreach (var trial in Enumerable.Range(0, costs.Count).OrderByDescending(trial => costs[trial]))
        {
            turns[trial] = Array.IndexOf(loads, loads.Min());
            loads[turns[trial]] += costs[trial];
        }
        return turns;
    }

    private List<(DepthTrial, DepthRunDetail?)> Shared(
        IReadOnlyList<DepthTrial> trials, Func<DepthTrial, long> cost, Func<DepthTrial, DepthRunDetail?> train, Func<DepthTrial, TrialReport, DepthRunDetail> takeOver)
    {
        var turns = Turns([.. trials.Select(cost)], group.Size);
        var own = trials.Where((_, i) => turns[i] == group.Rank).ToDictionary(trial => trial, train);
        var told = group.Gather(JsonSerializer.SerializeToUtf8Bytes(own.Values.Select(detail => detail is null ? null : TrialReport.Of(detail))))
            .Select(reports => new Queue<TrialReport?>(JsonSerializer.Deserialize<TrialReport?[]>(reports)!)).ToArray();
        var all = trials.Select((trial, i) =>
        {
            var report = told[turns[i]].Dequeue();
            return (trial, turns[i] == group.Rank ? own[trial] : report is null ? null : takeOver(trial, report));
        }).ToList();
        // In the next round another rank may go on from a checkpoint and write over it.
        group.Barrier();
        return all;
    }
}
