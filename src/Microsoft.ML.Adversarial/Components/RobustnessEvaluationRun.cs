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
        var position = stages.FindIndex(stage => stage is IAttackableClassifier);
        if (position < 0)
            throw new ArgumentException(
                "The model holds no ImageClassificationTransformer, so there is no network to attack; expected a pipeline as Fit returned it. A model read with ml.Model.Load scores, but does not hold its network; read it with ml.Adversarial().LoadNetwork.", nameof(model));

        if (stages.FindLastIndex(stage => stage is IAttackableClassifier) != position)
            throw new ArgumentException("The model holds several ImageClassificationTransformers; expected one. Evaluate each with the stages before it.", nameof(model));
        var classifier = (IAttackableClassifier)stages[position];
        var prepared = classifier.Prepare(stages.Take(position).Aggregate(data, (view, stage) => stage.Transform(view)));
        var reader = new ImageReader(prepared, classifier.Columns.Features, classifier.Columns.Label, CheckedFormat(prepared.Schema, classifier));

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

    private static ImageFormat CheckedFormat(DataViewSchema schema, IAttackableClassifier classifier)
    {
        classifier.Columns.Check(schema);
        var (features, trained) = (classifier.Columns.Features, classifier.Format);
        ImageFormat.Of(features, schema[features].Type, trained.Shape, trained.Layout, trained.Range);
        var classes = ClassLabels.Of(schema[classifier.Columns.Label]);
        if (!classes.Names.SequenceEqual(classifier.ClassNames))
            throw new ArgumentException(
                $"Label column '{classifier.Columns.Label}' has the classes {string.Join(", ", classes.Names)}; the model was trained on {string.Join(", ", classifier.ClassNames)}, in this order.");
        return trained;
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

    /// <summary>The stages of a chain and of the chains in it, in order.</summary>
    internal static IEnumerable<ITransformer> Flatten(ITransformer model) =>
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
