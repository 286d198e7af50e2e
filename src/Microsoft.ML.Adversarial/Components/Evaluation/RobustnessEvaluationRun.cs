using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>Evaluates a target on its rows and sums up in ML.NET's terms.</summary>
internal sealed class RobustnessEvaluationRun(MLContext ml, EvaluationOptions options)
{
    private readonly ProcessGroup group = options.Distributed ?? ProcessGroup.Alone;

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
        var (outcome, seed) = group.IsAlone ? EvaluateAlone(target, attacks, host) : new RankAgreement(group).InStep(() => EvaluateTogether(target, attacks, host));
        if (outcome.Labels.Count == 0)
            throw new InvalidDataException("The data has no rows; expected labelled images.");
        var warnings = EvaluationHealth.Of(outcome);
        foreach (var warning in warnings)
            channel.Warning(default, $"{warning}");
        return Summarise(target, seed, outcome, warnings);
    }

    private (EvaluationOutcome Outcome, int Seed) EvaluateAlone(EvaluatedModel target, IReadOnlyList<Attack> attacks, IHost host)
    {
        var (state, seed) = OpenState(options.StateFile, options.Seed, target, attacks, host);
        using var open = state;
        return (Evaluator(target, attacks, seed, state, isLast: true).Evaluate(Images(target)), seed);
    }

    /// <summary>Each rank its turns, then all of them everything, from what they told each other.</summary>
    private (EvaluationOutcome Outcome, int Seed) EvaluateTogether(EvaluatedModel target, IReadOnlyList<Attack> attacks, IHost host)
    {
        // Rank 0's file knows the seed.
        var (state, drawn) = group.IsFirst ? OpenState(options.StateFile, options.Seed, target, attacks, host) : (null, 0);
        var seed = (int)group.OfFirst(drawn);
        var ownFile = options.StateFile is { } path && !group.IsFirst ? $"{path}.rank{group.Rank}" : null;
        if (ownFile is not null)
            (state, _) = OpenState(ownFile, seed, target, attacks, host);
        using (state)
        {
            var shared = new SharedEvaluation(group, state);
            var isStopped = false;
            try
            {
                Evaluator(target, attacks, seed, shared, isLast: false).Evaluate(shared.TurnsOf(Images(target)));
            }
            catch (OperationCanceledException)
            {
                isStopped = true;
            }
            group.ThrowIfAnyStopped(new CancellationToken(isStopped));
            shared.Tell();
            var outcome = Evaluator(target, attacks, seed, shared, isLast: true).Evaluate(Images(target));
            state?.Dispose();
            if (ownFile is not null)
                File.Delete(ownFile);
            return (outcome, seed);
        }
    }

    private IEnumerable<ImageBatch> Images(EvaluatedModel target) => new BatchReader(target.OpenImages(options.CancellationToken)) { BatchSize = options.BatchSize }.InOrder();

    private RobustnessEvaluator Evaluator(EvaluatedModel target, IReadOnlyList<Attack> attacks, int seed, IEvaluationState? state, bool isLast) =>
        new(target.Network, attacks, target.Device, new Seed((ulong)seed))
        {
            Progress = options.ProgressCallback is { } callback && (group.IsAlone || !isLast) ? new CallbackProgress(callback) : null,
            ChecksHealth = isLast,
            Total = target.Prepared.GetRowCount() ?? Count(target.Prepared),
            Cancellation = options.CancellationToken,
            State = state,
            Searched = target.Searched,
            Deliver = target.Format.RoundsImages ? target.Format.Representable : null,
        };

    private (EvaluationStateFile? State, int Seed) OpenState(string? path, int? stated, EvaluatedModel target, IReadOnlyList<Attack> attacks, IHost host)
    {
        if (path is null)
            return (null, stated ?? host.Rand.Next());
        var setup = EvaluationSetup.Of(target.Fingerprint, attacks, options.BatchSize, stated, target.Format.RoundsImages, target.SearchPrecision);
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
