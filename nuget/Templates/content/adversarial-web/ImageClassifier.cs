using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

/// <summary>A trained model and engines that score with it: an engine serves one request at a time, the pool many.</summary>
internal sealed class ImageClassifier
{
    private readonly ObjectPool<PredictionEngine<Upload, Scores>> engines;
    private readonly string[] classes;

    private ImageClassifier(MLContext ml, ITransformer model, int concurrentRequests)
    {
        engines = new DefaultObjectPoolProvider { MaximumRetained = concurrentRequests }.Create(new EnginePolicy(ml, model));
        var engine = engines.Get();
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        engine.OutputSchema["Score"].GetSlotNames(ref names);
        classes = [.. names.DenseValues().Select(name => name.ToString())];
        engines.Return(engine);
    }

    /// <summary>Loads a model that ML.NET saved, and scores a black image with it, so that a model that does not fit is known before the first request.</summary>
    public static ImageClassifier Load(string file, int concurrentRequests)
    {
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no model '{file}': put the model.zip of a training there, or name another in Classifier:Model.");
        var ml = new MLContext();
        // An upload is no file: the stage that reads the file which the column Path names is left out, and its column Image is given.
        ITransformer[] stages = [.. Stages(ml.Model.Load(file, out _)).Where(stage => stage is not ImageLoadingTransformer)];
        if (!stages.OfType<ImageResizingTransformer>().Any())
            throw new InvalidDataException($"The model '{file}' has no stage ResizeImages; expected one, since uploads are of any size.");
        var classifier = new ImageClassifier(ml, new TransformerChain<ITransformer>(stages), concurrentRequests);
        classifier.ClassifyBlack();
        return classifier;
    }

    public Classification Classify(MLImage image)
    {
        var engine = engines.Get();
        try
        {
            var scores = engine.Predict(new Upload { Image = image }).Score;
            var byProbability = classes.Zip(scores, KeyValuePair.Create).OrderByDescending(pair => pair.Value).ToList();
            return new Classification(byProbability[0].Key, byProbability[0].Value, new OrderedDictionary<string, float>(byProbability.Skip(1)));
        }
        finally
        {
            engines.Return(engine);
        }
    }

    public Classification ClassifyBlack()
    {
        using var black = MLImage.CreateFromPixels(32, 32, MLPixelFormat.Bgra32, new byte[32 * 32 * 4]);
        return Classify(black);
    }

    private static IEnumerable<ITransformer> Stages(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Stages) : [model];

    /// <summary>What the model takes. The label is asked for by the pipeline, and may be empty.</summary>
    private sealed class Upload
    {
        // A size must be named, and is none that images must have: the model resizes.
        [ImageType(32, 32)]
        public MLImage Image { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed class Scores
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class EnginePolicy(MLContext ml, ITransformer model) : PooledObjectPolicy<PredictionEngine<Upload, Scores>>
    {
        public override PredictionEngine<Upload, Scores> Create() => ml.Model.CreatePredictionEngine<Upload, Scores>(model);

        public override bool Return(PredictionEngine<Upload, Scores> engine) => true;
    }
}
