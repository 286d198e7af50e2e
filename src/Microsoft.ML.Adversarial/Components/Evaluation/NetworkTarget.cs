
using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial;

/// <summary>A fitted pipeline: everything before the classifier prepares the images, the classifier's own network is attacked.</summary>
internal static class NetworkTarget
{
    /// <exception cref="ArgumentException">The model holds no classifier of this library, or the data does not fit it.</exception>
    public static EvaluatedModel Of(ITransformer model, IDataView data, RobustnessEvaluationOptions options)
    {
        var stages = EvaluatedModel.Flatten(model).ToList();
        var position = stages.FindIndex(stage => stage is IAttackableClassifier);
        if (position < 0)
            throw new ArgumentException(
                "The model holds no ImageClassificationTransformer, so there is no network to attack; expected a pipeline as Fit returned it. A model read with ml.Model.Load scores, but does not hold its network; read it with ml.Adversarial().LoadNetwork. A pipeline with ApplyOnnxModel or DnnFeaturizeImage becomes a network with LoadNetwork(model, options). Any model at all can be measured with EvaluateBlackBox.", nameof(model));

        if (stages.FindLastIndex(stage => stage is IAttackableClassifier) != position)
            throw new ArgumentException("The model holds several ImageClassificationTransformers; expected one. Evaluate each with the stages before it.", nameof(model));
        var classifier = (IAttackableClassifier)stages[position];
        var prepared = HasScored(classifier, data) ? data : classifier.Prepare(stages.Take(position).Aggregate(data, (view, stage) => stage.Transform(view)));
        var format = classifier.Columns.FormatFor(prepared.Schema, classifier);
        var domain = options.Domain ?? classifier.Domain;
        var network = classifier.Freeze(domain);
        return new EvaluatedModel
        {
            Network = network,
            Owned = network,
            Searched = options.SearchPrecision == Precision.Single ? null : network.In(options.SearchPrecision),
            HasGradients = true,
            Fingerprint = network.Fingerprint,
            Device = classifier.Device,
            Domain = domain,
            Prepared = prepared,
            Columns = classifier.Columns,
            Format = format,
            ClassNames = classifier.ClassNames,
        };
    }

    /// <summary>Rows that this very classifier has scored are prepared already, as those of CrossValidate's ScoredHoldOutSet, and do not pass through the stages before it again.</summary>
    private static bool HasScored(IAttackableClassifier classifier, IDataView data)
    {
        var isPrepared = data.Schema.GetColumnOrNull(classifier.Columns.Features)?.Type is VectorDataViewType pixels && pixels.Size == classifier.Format.Shape.Length
            && data.Schema.GetColumnOrNull(classifier.Columns.Label)?.Type is KeyDataViewType
            && data.Schema.GetColumnOrNull(ScoringChain.Score)?.Type is VectorDataViewType scores && scores.Size == classifier.ClassNames.Count;
        return isPrepared && classifier is ImageClassificationTransformer scorer
            && FirstScores(data).Zip(FirstScores(scorer.Transform(data))).All(pair => pair.First.SequenceEqual(pair.Second));
    }

    /// <summary>Of a few rows: those of one may agree where two models are sure.</summary>
    private static IEnumerable<float[]> FirstScores(IDataView view) => view.GetColumn<float[]>(ScoringChain.Score).Take(8);
}
