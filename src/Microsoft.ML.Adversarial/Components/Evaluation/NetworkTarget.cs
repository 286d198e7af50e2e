
namespace Microsoft.ML.Adversarial;

/// <summary>A fitted pipeline: everything before the classifier prepares the images, the classifier's own network is attacked.</summary>
internal static class NetworkTarget
{
    /// <exception cref="ArgumentException">The model holds no classifier of this library, or the data does not fit it.</exception>
    public static AttackTarget Of(ITransformer model, IDataView data, ImageDomain? askedDomain)
    {
        var stages = AttackTarget.Flatten(model).ToList();
        var position = stages.FindIndex(stage => stage is IAttackableClassifier);
        if (position < 0)
            throw new ArgumentException(
                "The model holds no ImageClassificationTransformer, so there is no network to attack; expected a pipeline as Fit returned it. A model read with ml.Model.Load scores, but does not hold its network; read it with ml.Adversarial().LoadNetwork. Any model at all can be measured with EvaluateBlackBox.", nameof(model));

        if (stages.FindLastIndex(stage => stage is IAttackableClassifier) != position)
            throw new ArgumentException("The model holds several ImageClassificationTransformers; expected one. Evaluate each with the stages before it.", nameof(model));
        var classifier = (IAttackableClassifier)stages[position];
        var prepared = classifier.Prepare(stages.Take(position).Aggregate(data, (view, stage) => stage.Transform(view)));
        var format = classifier.Columns.Check(prepared.Schema, classifier);
        var domain = askedDomain ?? classifier.Domain;
        var network = classifier.Freeze(domain);
        return new AttackTarget
        {
            Network = network,
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
}
