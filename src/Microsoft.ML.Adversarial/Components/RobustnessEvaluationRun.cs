using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Data;
using Microsoft.ML.Adversarial.Evaluation;
using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>Evaluates a fitted pipeline: everything before the classifier prepares the images, the classifier's own network is attacked.</summary>
internal sealed class RobustnessEvaluationRun(MLContext ml, RobustnessEvaluationOptions options)
{
    /// <exception cref="ArgumentException">The model holds no classifier of this library, or the data does not fit it.</exception>
    public RobustnessEvaluation Evaluate(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks)
    {
        var stages = Flatten(model).ToList();
        var position = stages.FindIndex(stage => stage is ImageClassificationTransformer);
        if (position < 0)
            throw new ArgumentException(
                "The model holds no ImageClassificationTransformer, so there is no network to attack; expected a pipeline as Fit returned it. A model read from a file scores, but does not hold its network.", nameof(model));

        if (stages.FindLastIndex(stage => stage is ImageClassificationTransformer) != position)
            throw new ArgumentException("The model holds several ImageClassificationTransformers; expected one. Evaluate each with the stages before it.", nameof(model));
        var classifier = (ImageClassificationTransformer)stages[position];
        var prepared = stages.Take(position).Aggregate(data, (view, stage) => stage.Transform(view));
        classifier.Columns.Check(prepared.Schema, classifier);
        var reader = new ImageReader(prepared, classifier.Columns.Features, classifier.Columns.Label, classifier.Format);

        var host = ((IHostEnvironment)ml).Register(nameof(RobustnessEvaluation));
        using var channel = host.Start(nameof(Evaluate));
        var domain = options.Domain ?? classifier.Domain;
        using var network = classifier.Freeze(domain);
        var outcome = RobustnessEvaluator.Evaluate(
            network,
            new BatchReader(reader) { BatchSize = options.BatchSize }.InOrder(),
            attacks,
            classifier.Device,
            new Seed((ulong)(options.Seed ?? host.Rand.Next())),
            options.ProgressCallback is { } callback ? new CallbackProgress(callback) : null,
            options.CancellationToken);
        if (outcome.Labels.Count == 0)
            throw new InvalidDataException("The data has no rows; expected labelled images.");
        return Summarise(domain, outcome, classifier.ClassNames);
    }

    private RobustnessEvaluation Summarise(ImageDomain domain, EvaluationOutcome outcome, IReadOnlyList<string> classNames)
    {
        var clean = outcome.Conditions[0];
        return new RobustnessEvaluation(
            domain,
            outcome.Labels.Count,
            Metrics(outcome.Labels, clean, classNames),
            clean.Tally.Accuracy,
            [.. outcome.Conditions.Skip(1).Select(condition => new AttackEvaluation(
                condition.Attack!, Metrics(outcome.Labels, condition, classNames), condition.Tally.Accuracy, condition.Correct, condition.LargestDistance))],
            outcome.WorstCaseTally.Accuracy,
            outcome.WorstCase);
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

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];

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
