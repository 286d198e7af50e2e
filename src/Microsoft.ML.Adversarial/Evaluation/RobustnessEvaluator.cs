using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Measures a network on clean images and under attacks. An attack meets the examples that are classified as labelled clean, a member of an ensemble those that
/// the members before it left standing.
/// </summary>
/// <param name="network">What to measure.</param>
/// <param name="attacks">In the order in which each batch meets them.</param>
/// <param name="device">Where the network is.</param>
/// <param name="seed">Every kind of attack draws from streams of its own, by the example's row.</param>
internal sealed class RobustnessEvaluator(IImageClassifier network, IReadOnlyList<Attack> attacks, Device device, Seed seed)
{
    private readonly List<long> labels = [];
    private readonly ConditionOutcome clean = new(null, network.ClassCount);
    private readonly ConditionOutcome[][] attacked = [.. attacks.Select(attack => attack.Reported.Select(reported => new ConditionOutcome(reported, network.ClassCount)).ToArray())];
    private long begin;

    /// <summary>Hears of every batch in every condition, and after every member of an ensemble.</summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }

    /// <summary>Whether the first batch tells of the network's fitness to be attacked, at the cost of three more questions to it.</summary>
    public bool ChecksHealth { get; init; }

    /// <summary>Examples there are, for the progress.</summary>
    public long Total { get; init; }

    /// <summary>Stops at the next question to the network, within a step of an attack.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>What searches ask in the place of the network, as <see cref="SearchRun.Searched"/> says; null for the network itself.</summary>
    public IImageClassifier? Searched { get; init; }

    /// <summary>Keeps what is done and knows what was done before.</summary>
    public IEvaluationState? State { get; init; }

    /// <summary>Makes of attacked images, given the clean ones, what the model can be handed: they are judged and measured as that. Null where all can.</summary>
    public Func<Tensor, Tensor, Tensor>? Deliver { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <param name="batches">The examples, each batch disposed after use; order and sizes do not change the result.</param>
    /// <exception cref="InvalidOperationException">An attack left its budget or the pixel range.</exception>
    /// <exception cref="InvalidDataException">The state file is of other images.</exception>
    public EvaluationOutcome Evaluate(IEnumerable<ImageBatch> batches) => AdversarialTelemetry.Within("adversarial.evaluate", activity =>
    {
        var outcome = EvaluateAll(batches);
        activity?.SetTag("adversarial.evaluation.images", outcome.Labels.Count);
        return outcome;
    });

    /// <summary>An attack draws from its kind's streams, whatever is evaluated beside it: with more steps, or within a larger budget, it starts at the same points.</summary>
    public static ImageRandom StreamsFor(Attack attack, ImageBatch batch, Seed seed) => new(seed.For(attack.Identity.Kind), batch.Rows);

    private EvaluationOutcome EvaluateAll(IEnumerable<ImageBatch> batches)
    {
        begin = Time.GetTimestamp();
        using var memory = FreedMemory.Kept();
        NetworkHealth? health = null;
        var stoppable = new StoppableClassifier(network, Cancellation);
        using var noGradient = no_grad();
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            using var used = batch;
            var journal = new BatchJournal(batch, device, State, Time);
            if (ChecksHealth)
                health ??= NetworkHealth.Of(stoppable, journal.Images, journal.Labels, attacks.Any(attack => attack.NeedsGradient));
            Meet(stoppable, batch, journal);
        }
        return new EvaluationOutcome(labels, [clean, .. attacked.SelectMany(conditions => conditions)], health);
    }

    private void Meet(IImageClassifier asked, ImageBatch batch, BatchJournal journal)
    {
        var first = labels.Count;
        var cleanLogits = journal.Clean(asked, clean);
        labels.AddRange(journal.Truth);
        Report(clean, clean.Name, through: attacks.Count == 0 ? labels.Count : first);
        var number = 1;
        for (var i = 0; i < attacks.Count; i++)
        {
            using var scope = NewDisposeScope();
            var (attack, conditions) = (attacks[i], attacked[i]);
            foreach (var condition in conditions)
                condition.AddClean(clean, first);
            var run = new SearchRun(asked, journal.Images, journal.Labels, StreamsFor(attack, batch, seed))
            {
                CleanLogits = cleanLogits,
                Searched = Searched is null ? null : new StoppableClassifier(Searched, Cancellation),
                Deliver = Deliver,
                Journal = journal.Of(conditions, number, first, MemberDone),
            };
            AdversarialTelemetry.Within("adversarial.attack", activity =>
            {
                activity?.SetTag("adversarial.attack", attack.Name).SetTag("adversarial.evaluation.images", batch.Count);
                run.Meet(attack);
            });
            foreach (var condition in conditions)
                Report(condition, condition.Name, through: i == attacks.Count - 1 ? labels.Count : first);
            number += conditions.Length;

            void MemberDone(int member)
            {
                if (member < conditions[0].Members.Count - 1)
                    Report(conditions[0], $"{conditions[0].Name} after {conditions[0].Members[member].Attack.Name}", through: first);
            }
        }
    }

    /// <param name="condition">What was measured.</param>
    /// <param name="name">How to call it.</param>
    /// <param name="through">Examples that have met every attack.</param>
    private void Report(ConditionOutcome condition, string name, long through)
    {
        TimeSpan? remaining = through == 0 ? null : Time.GetElapsedTime(begin) * Math.Max(0, (Total - through) / (double)through);
        Progress?.Report(new EvaluationProgress { Condition = name, Examples = condition.Tally.Total, Accuracy = condition.Tally.Accuracy, Total = Total, Remaining = remaining });
    }
}
