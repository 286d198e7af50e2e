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
        // What an attack cannot report is refused before a state file is begun.
        foreach (var attack in attacks)
            _ = attack.Reported;
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
            Searched = target.Searched,
            Deliver = target.Format.RoundsImages ? target.Format.Representable : null,
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
        var setup = EvaluationSetup.Of(target.Fingerprint, attacks, options.BatchSize, options.Seed, target.Format.RoundsImages, target.SearchPrecision);
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
        var (clean, attacked) = (outcome.Conditions[0], outcome.Conditions.Skip(1).ToList());
        return new RobustnessEvaluation
        {
            Domain = target.Domain,
            SearchPrecision = target.SearchPrecision,
            Seed = seed,
            Examples = outcome.Labels.Count,
            Clean = Metrics(outcome.Labels, clean, target.ClassNames),
            CleanAccuracy = AccuracyInterval.Wilson(clean.Tally),
            Labels = [.. outcome.Labels.Select(label => target.ClassNames[(int)label])],
            CleanPredictions = Predictions(clean, target.ClassNames),
            IsCorrectClean = clean.Correct,
            Attacks = [.. attacked.Select(condition => new AttackEvaluation
            {
                Attack = condition.Attack!,
                Metrics = Metrics(outcome.Labels, condition, target.ClassNames),
                Accuracy = AccuracyInterval.Wilson(condition.Tally),
                IsCorrect = condition.Correct,
                Predictions = Predictions(condition, target.ClassNames),
                LargestDistance = condition.LargestDistance,
                Members = [.. condition.Members.Select(member => new AttackMemberEvaluation { Attack = member.Attack, Examples = member.Met, Broken = member.Broken, Elapsed = member.Elapsed })],
            })],
            WorstCaseAccuracy = AccuracyInterval.Wilson(outcome.WorstCaseTally),
            IsCorrectInWorstCase = outcome.WorstCase,
            Classes = [.. target.ClassNames.Select((name, label) => new ClassRobustness
            {
                Name = name,
                CleanAccuracy = AccuracyInterval.Wilson(outcome.TallyOf(label, clean.Correct)),
                AttackAccuracies = [.. attacked.Select(condition => AccuracyInterval.Wilson(outcome.TallyOf(label, condition.Correct)))],
                WorstCaseAccuracy = AccuracyInterval.Wilson(outcome.TallyOf(label, outcome.WorstCase)),
            })],
            Warnings = warnings,
        };
    }

    private static IReadOnlyList<ImagePrediction> Predictions(ConditionOutcome condition, IReadOnlyList<string> classNames) =>
        [.. condition.Predicted.Zip(condition.Scores, (predicted, scores) => predicted == Classification.None
            ? new ImagePrediction { ClassName = null, Confidence = float.NaN }
            : new ImagePrediction { ClassName = classNames[(int)predicted], Confidence = scores[predicted] })];

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
        // On the way into a data view a key counts from zero. Scores that are no numbers are those of a classifier that is sure and wrong.
        var rows = labels.Select((label, example) => condition.Predicted[example] is var predicted && predicted != Classification.None
            ? new ScoredRow { Label = (uint)label, Score = condition.Scores[example], PredictedLabel = (uint)predicted }
            : Wrong((uint)label));
        return ml.MulticlassClassification.Evaluate(ml.Data.LoadFromEnumerable(rows, definition));

        ScoredRow Wrong(uint label)
        {
            var (scores, other) = (new float[classNames.Count], (label + 1) % (uint)classNames.Count);
            scores[other] = 1;
            return new ScoredRow { Label = label, Score = scores, PredictedLabel = other };
        }
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
