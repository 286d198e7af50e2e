using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>Evaluates a target on its rows and sums up in ML.NET's terms.</summary>
internal sealed class RobustnessEvaluationRun(MLContext ml, EvaluationOptions options)
{
    /// <exception cref="ArgumentException">An attack needs gradients that the target does not have.</exception>
    public RobustnessEvaluation Evaluate(EvaluatedModel target, IReadOnlyList<Attack> attacks)
    {
        if (!target.HasGradients && attacks.FirstOrDefault(attack => attack.NeedsGradient) is { } blind)
            throw new ArgumentException($"The attack {blind} needs gradients, and the model gives scores alone; expected attacks that do without, such as SquareAttack.", nameof(attacks));
        var host = ((IHostEnvironment)ml).Register(nameof(RobustnessEvaluation));
        using var channel = host.Start(nameof(Evaluate));
        var reader = target.OpenImages(options.CancellationToken);
        var (state, seed) = OpenState(target, attacks, host);
        using var open = state;
        var outcome = new RobustnessEvaluator(target.Network, attacks, target.Device, new Seed((ulong)seed))
        {
            Progress = options.ProgressCallback is { } callback ? new CallbackProgress(callback) : null,
            ChecksHealth = true,
            Total = target.Prepared.GetRowCount() ?? Count(target.Prepared),
            Cancellation = options.CancellationToken,
            State = state,
            Deliver = target.Format.Representable,
        }.Evaluate(new BatchReader(reader) { BatchSize = options.BatchSize }.InOrder());
        if (outcome.Labels.Count == 0)
            throw new InvalidDataException("The data has no rows; expected labelled images.");
        var warnings = EvaluationHealth.Of(outcome);
        foreach (var warning in warnings)
            channel.Warning(default, $"{warning}");
        return Summarise(target, seed, outcome, warnings);
    }

    private (EvaluationStateFile? State, int Seed) OpenState(EvaluatedModel target, IReadOnlyList<Attack> attacks, IHost host)
    {
        if (options.StateFile is not { } path)
            return (null, options.Seed ?? host.Rand.Next());
        var setup = new EvaluationSetup
        {
            Network = target.Fingerprint,
            Attacks = [.. attacks.Select(attack => attack.ToString())],
            BatchSize = options.BatchSize,
            Seed = options.Seed,
        };
        return EvaluationStateFile.Open(path, setup, () => host.Rand.Next());
    }

    /// <summary>Without a column, rows cost next to nothing.</summary>
    private static long Count(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        var count = 0L;
        while (cursor.MoveNext())
            count++;
        return count;
    }

    private RobustnessEvaluation Summarise(EvaluatedModel target, int seed, EvaluationOutcome outcome, IReadOnlyList<EvaluationWarning> warnings)
    {
        var (clean, attacked) = (outcome.Conditions[0], outcome.Conditions.Skip(1));
        return new RobustnessEvaluation(
            target.Domain,
            seed,
            outcome.Labels.Count,
            Metrics(outcome.Labels, clean, target.ClassNames),
            AccuracyInterval.Wilson(clean.Tally),
            clean.Correct,
            [.. attacked.Select(condition => new AttackEvaluation(
                condition.Attack!,
                Metrics(outcome.Labels, condition, target.ClassNames),
                AccuracyInterval.Wilson(condition.Tally),
                condition.Correct,
                condition.LargestDistance,
                [.. condition.Members.Select(member => new AttackMemberEvaluation(member.Attack, member.Met, member.Broken, member.Elapsed))]))],
            AccuracyInterval.Wilson(outcome.WorstCaseTally),
            outcome.WorstCase,
            [.. target.ClassNames.Select((name, label) => new ClassRobustness(
                name,
                AccuracyInterval.Wilson(outcome.TallyOf(label, clean.Correct)),
                [.. attacked.Select(condition => AccuracyInterval.Wilson(outcome.TallyOf(label, condition.Correct)))],
                AccuracyInterval.Wilson(outcome.TallyOf(label, outcome.WorstCase))))],
            warnings);
    }

    /// <summary>Hands the scores to ML.NET's own evaluator.</summary>
    private MulticlassClassificationMetrics Metrics(IReadOnlyList<long> labels, ConditionOutcome condition, IReadOnlyList<string> classNames)
    {
        var key = new KeyDataViewType(typeof(uint), classNames.Count);
        var names = new VBuffer<ReadOnlyMemory<char>>(classNames.Count, [.. classNames.Select(name => name.AsMemory())]);
        var namesType = new VectorDataViewType(TextDataViewType.Instance, classNames.Count);
        var definition = SchemaDefinition.Create(typeof(ScoredRow));
        definition[nameof(ScoredRow.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, classNames.Count);
        foreach (var column in new[] { definition[nameof(ScoredRow.Label)], definition[nameof(ScoredRow.PredictedLabel)] })
        {
            column.ColumnType = key;
            column.AddAnnotation("KeyValues", names, namesType);
        }
        // On the way into a data view a key counts from zero.
        var rows = labels.Zip(condition.Scores, (label, score) => new ScoredRow
        {
            Label = (uint)label,
            Score = score,
            PredictedLabel = (uint)Array.IndexOf(score, score.Max()),
        });
        return ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(rows, definition));
    }

    private sealed class CallbackProgress(Action<EvaluationProgress> callback) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => callback(value);
    }

    private sealed class ScoredRow
    {
        public uint Label { get; set; }

        public float[] Score { get; set; } = [];

        public uint PredictedLabel { get; set; }
    }
}
