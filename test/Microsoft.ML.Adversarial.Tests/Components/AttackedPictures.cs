using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Toy pictures and a classifier of them, trained once for many tests, none of which changes either.</summary>
public sealed class AttackedPictures : IDisposable
{
    public AttackedPictures()
    {
        Preparation = ToyPictures.Preparation(Ml).Fit(Pictures.View(Ml));
        Prepared = Preparation.Transform(Pictures.View(Ml));
        Classifier = Ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Epochs = 25 }).Fit(Prepared);
    }

    /// <summary>Wide enough to fool the classifier on some pictures, and not on all.</summary>
    public static PgdAttack Attack { get; } = new(Budget.LInf(24)) { Steps = 3 };

    public ToyPictures Pictures { get; } = new(perClass: 6);

    public MLContext Ml { get; } = new(seed: 1);

    /// <summary>From paths and labels to features and keys.</summary>
    public ITransformer Preparation { get; }

    public IDataView Prepared { get; }

    public ImageClassificationTransformer Classifier { get; }

    /// <summary>The column "Attacked" beside the others, in batches that leave a remainder.</summary>
    public AdversarialExamplesOptions Options => new() { Classifier = Classifier, Attack = Attack, OutputColumnName = "Attacked", BatchSize = 4, Seed = 5 };

    public IDataView Attacked(AdversarialExamplesOptions options, IDataView? view = null) =>
        Ml.Adversarial().Transforms.AdversarialExamples(options).Fit(view ?? Prepared).Transform(view ?? Prepared);

    /// <summary>The column's images in the order of the rows.</summary>
    public static List<float[]> Pixels(IDataView view, string column) => [.. view.GetColumn<float[]>(column)];

    public void Dispose()
    {
        Classifier.Dispose();
        Pictures.Dispose();
    }
}
