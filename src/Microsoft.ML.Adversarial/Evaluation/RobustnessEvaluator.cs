using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Measures a network on clean images and under attacks. An attack meets the examples that are classified as labelled clean, a member of an ensemble those that
/// the members before it left standing.
/// </summary>
/// <param name="network">What to measure.</param>
/// <param name="attacks">In the order in which each batch meets them.</param>
/// <param name="device">Where the network is.</param>
/// <param name="seed">Every attack draws from streams of its own, by its name and the example's row.</param>
internal sealed class RobustnessEvaluator(IImageClassifier network, IReadOnlyList<Attack> attacks, Device device, Seed seed)
{
    private readonly List<long> labels = [];
    private readonly ConditionOutcome[] conditions = [.. attacks.Prepend(null).Select(attack => new ConditionOutcome(attack, network.ClassCount))];
    private long begin;

    /// <summary>Hears of every batch in every condition, and after every member of an ensemble.</summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }

    /// <summary>Whether the first batch tells of the network's fitness to be attacked, at the cost of three more looks at it.</summary>
    public bool ChecksHealth { get; init; }

    /// <summary>Examples there are, for the progress.</summary>
    public long Total { get; init; }

    /// <summary>Stops at the next look at the network, within a step of an attack.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Keeps what is done and knows what was done before.</summary>
    public EvaluationStateFile? State { get; init; }

    /// <summary>Makes of attacked images, given the clean ones, what the model can be handed: they are scored and measured as that.</summary>
    public Func<Tensor, Tensor, Tensor> Deliver { get; init; } = (attacked, _) => attacked;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <param name="batches">The examples, each batch disposed after use; order and sizes do not change the result, but for attacks that toss a coin for each batch.</param>
    /// <exception cref="InvalidOperationException">An attack left its budget or the pixel range.</exception>
    /// <exception cref="InvalidDataException">The state file is of other images.</exception>
    public EvaluationOutcome Evaluate(IEnumerable<ImageBatch> batches)
    {
        begin = Time.GetTimestamp();
        NetworkHealth? health = null;
        var stoppable = new StoppableClassifier(network, Cancellation);
        using var noGradient = no_grad();
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            using var used = batch;
            var evaluation = new BatchEvaluation(stoppable, batch, device, State, Time) { Deliver = Deliver };
            if (ChecksHealth)
                health ??= evaluation.Health(attacks.Any(attack => attack.NeedsGradient));
            Meet(batch, evaluation);
        }
        return new EvaluationOutcome(labels, conditions, health);
    }

    private void Meet(ImageBatch batch, BatchEvaluation evaluation)
    {
        var first = labels.Count;
        long[] truth = [.. batch.Labels.data<long>()];
        conditions[0].AddClean(evaluation.Clean(), truth);
        labels.AddRange(truth);
        Report(conditions[0], conditions[0].Name, through: conditions.Length == 1 ? labels.Count : first);
        for (var number = 1; number < conditions.Length; number++)
        {
            var condition = conditions[number];
            condition.AddClean(conditions[0], first);
            var streams = StreamsFor(condition.Attack!, batch, seed);
            for (var member = 0; member < condition.Members.Count; member++)
            {
                int[] standing = [.. Enumerable.Range(0, batch.Count).Where(position => condition.Correct[first + position])];
                if (standing.Length == 0)
                    break;
                var attacked = evaluation.Attacked(condition.Members[member].Attack, standing, condition.Attack is AttackEnsemble ? streams.For(member) : streams, number, member);
                condition.AddAttacked(attacked, truth, first, member);
                if (member < condition.Members.Count - 1)
                    Report(condition, $"{condition.Name} after {condition.Members[member].Attack.Name}", through: first);
            }
            Report(condition, condition.Name, through: number == conditions.Length - 1 ? labels.Count : first);
        }
    }

    /// <summary>An attack draws from its own streams, whatever is evaluated beside it.</summary>
    public static ImageRandom StreamsFor(Attack attack, ImageBatch batch, Seed seed)
    {
        var root = seed.For(attack.ToString());
        return new ImageRandom(root, root.For(batch.Rows[0]), batch.Rows);
    }

    /// <param name="condition">What was measured.</param>
    /// <param name="name">How to call it.</param>
    /// <param name="through">Examples that have met every attack.</param>
    private void Report(ConditionOutcome condition, string name, long through)
    {
        TimeSpan? remaining = through == 0 ? null : Time.GetElapsedTime(begin) * Math.Max(0, (Total - through) / (double)through);
        Progress?.Report(new EvaluationProgress(name, condition.Tally.Total, condition.Tally.Accuracy, Total, remaining));
    }
}
