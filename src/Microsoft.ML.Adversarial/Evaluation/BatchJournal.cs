using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Writes what is found of one batch into the outcomes and into the state file; what the file knows is not done again. Lives in the dispose scope in which it was made.</summary>
internal sealed class BatchJournal
{
    private readonly ImageBatch batch;
    private readonly IEvaluationState? state;
    private readonly TimeProvider time;
    private readonly string fingerprint;

    public BatchJournal(ImageBatch batch, Device device, IEvaluationState? state, TimeProvider time)
    {
        (this.batch, this.state, this.time) = (batch, state, time);
        fingerprint = state is null ? "" : ContentHash.Of([batch.Images, batch.Labels]);
        (Images, Labels) = (batch.Images.to(device), batch.Labels.to(device));
        Truth = [.. batch.Labels.data<long>()];
    }

    public Tensor Images { get; }

    public Tensor Labels { get; }

    /// <summary>The true classes.</summary>
    public long[] Truth { get; }

    /// <returns>The logits of the clean images, noted in the outcome.</returns>
    public Tensor Clean(IImageClassifier network, ConditionOutcome clean)
    {
        long[] all = [.. Enumerable.Range(0, batch.Count).Select(position => (long)position)];
        var begin = time.GetTimestamp();
        var known = state?.Find(batch.Rows[0], condition: 0, member: 0, fingerprint, all);
        var logits = known is null ? network.Logits(Images).detach() : Tensor(known, all.Length);
        clean.AddClean(known ?? Kept(0, 0, all, logits, 0, begin), Predicted(logits), Truth);
        if (known is null)
            AdversarialTelemetry.Classified(all.Length);
        return logits;
    }

    /// <param name="conditions">The outcomes of the attacks that it answers for.</param>
    /// <param name="number">The first one's number among all conditions.</param>
    /// <param name="first">The batch's first example.</param>
    /// <param name="report">Hears of every member that is done.</param>
    public ISearchJournal Of(IReadOnlyList<ConditionOutcome> conditions, int number, int first, Action<int> report) => new AttackJournal(this, conditions, number, first, report);

    private EvaluatedImages Kept(int condition, int member, long[] positions, Tensor logits, double distance, long begin)
    {
        var found = new EvaluatedImages
        {
            FirstRow = batch.Rows[0],
            Condition = condition,
            Member = member,
            Batch = fingerprint,
            Positions = positions,
            Logits = [.. logits.cpu().contiguous().data<float>()],
            LargestDistance = distance,
            Seconds = time.GetElapsedTime(begin).TotalSeconds,
        };
        state?.Append(found);
        return found;
    }

    // Cloned into torch's own memory: how a sum rounds may depend on where numbers lie.
    private Tensor Tensor(EvaluatedImages known, int count) => tensor(known.Logits, [count, known.Logits.Length / count]).clone().to(Labels.device);

    private static long[] Predicted(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return [.. Classification.Predicted(logits).cpu().data<long>()];
    }

    private sealed class AttackJournal(BatchJournal journal, IReadOnlyList<ConditionOutcome> conditions, int number, int first, Action<int> report) : ISearchJournal
    {
        private long[][] met = [];
        private long begin;

        public bool Restore(int member, IReadOnlyList<Verdict> verdicts)
        {
            using var scope = NewDisposeScope();
            begin = journal.time.GetTimestamp();
            met = [.. verdicts.Select(verdict => verdict.Standing.cpu().data<long>().ToArray())];
            if (met.All(positions => positions.Length == 0))
                return true;
            var known = met.Select((positions, i) => journal.state?.Find(journal.batch.Rows[0], number + i, member, journal.fingerprint, positions)).ToList();
            if (known.Contains(null))
                return false;
            for (var i = 0; i < met.Length; i++)
            {
                var logits = journal.Tensor(known[i]!, Math.Max(1, met[i].Length));
                if (met[i].Length > 0)
                    verdicts[i].Restore(Places(met[i]), logits);
                conditions[i].AddAttacked(known[i]!, met[i].Length > 0 ? Predicted(logits) : [], journal.Truth, first);
            }
            report(member);
            return true;
        }

        public void Note(int member, IReadOnlyList<Verdict> verdicts)
        {
            using var scope = NewDisposeScope();
            for (var i = 0; i < met.Length; i++)
            {
                var places = Places(met[i]);
                var logits = verdicts[i].Logits.index_select(0, places);
                var kept = journal.Kept(number + i, member, met[i], logits, verdicts[i].LargestDistance(places), begin);
                var broken = conditions[i].AddAttacked(kept, Predicted(logits), journal.Truth, first);
                AdversarialTelemetry.Met(conditions[i].Members[member].Attack.Name, met[i].Length, broken, kept.Seconds);
            }
            report(member);
        }

        private Tensor Places(long[] positions) => tensor(positions, device: journal.Labels.device);
    }
}
