using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// Any ML.NET model as an attack that asks for scores alone sees it: pixels in, through the model's own <c>Transform</c>, scores out. Scores that are
/// probabilities become their logarithms, which tell two sure answers apart where the probabilities round to 0 and 1.
/// </summary>
internal sealed class ScoreClassifier : IImageClassifier
{
    /// <summary>The logarithm of less would be infinite.</summary>
    private const double SmallestProbability = 1e-30;

    /// <summary>Images by whose scores a model is told from others.</summary>
    public const int ProbeCount = 4;

    private readonly ITransformer scoring;
    private readonly DataViewSchema schema;
    private readonly ImageColumns columns;
    private readonly ImageFormat format;
    private readonly string scoreColumnName;
    private readonly bool areProbabilities;

    /// <param name="scoring">The stages from the pixel column to the scores.</param>
    /// <param name="schema">Of the rows that enter them.</param>
    /// <param name="columns">The column of images and the label column among them.</param>
    /// <param name="format">How that column holds an image.</param>
    /// <param name="scoreColumnName">A vector of Single, one score for each class.</param>
    /// <exception cref="ArgumentException">The stages want other columns, or make no such scores.</exception>
    public ScoreClassifier(ITransformer scoring, DataViewSchema schema, ImageColumns columns, ImageFormat format, string scoreColumnName)
    {
        this.scoring = scoring;
        this.schema = schema;
        this.columns = columns;
        this.format = format;
        this.scoreColumnName = scoreColumnName;
        using var scope = NewDisposeScope();
        var probes = Probes(format.Shape);
        Slots = Scored(probes).Schema[scoreColumnName];
        ClassCount = ((VectorDataViewType)Slots.Type).Size;
        var scores = Scores(probes);
        areProbabilities = scores.IsAtMost(1).all().item<bool>() && scores.neg().IsAtMost(0).all().item<bool>()
            && scores.sum(1).Plus(-1).abs().IsAtMost(1e-3).all().item<bool>();
        Fingerprint = ContentHash.Of([scores]);
    }

    public int ClassCount { get; }

    /// <summary>The score column, whose slots may bear the classes' names.</summary>
    public DataViewSchema.Column Slots { get; }

    /// <summary>Of the scores of a few images of noise: another model gives others.</summary>
    public string Fingerprint { get; }

    public Tensor Logits(Tensor images)
    {
        using var scope = NewDisposeScope();
        var scores = Scores(images);
        var logits = areProbabilities ? scores.AtLeast(SmallestProbability).log() : scores;
        return logits.to(images.device).MoveToOuterDisposeScope();
    }

    private Tensor Scores(Tensor images)
    {
        var scored = Scored(images);
        var column = scored.Schema[scoreColumnName];
        using var cursor = scored.GetRowCursorSet([column], 1)[0];
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var buffer = default(VBuffer<float>);
        var values = new List<float>();
        while (cursor.MoveNext())
        {
            getter(ref buffer);
            values.AddRange(buffer.DenseValues());
        }
        return tensor(values.ToArray(), [images.shape[0], ClassCount]);
    }

    private IDataView Scored(Tensor images)
    {
        using var scope = NewDisposeScope();
        var view = new PixelsView(schema, columns, format, images.detach().cpu().contiguous().data<float>().ToArray());
        IDataView scored;
        try
        {
            scored = scoring.Transform(view);
        }
        catch (Exception exception) when (exception is ArgumentException or (InvalidOperationException and not ObjectDisposedException))
        {
            throw new ArgumentException($"The model's stages behind column '{columns.Features}' do not score from it alone: {exception.Message} Where the data has been through the first stages already, as CrossValidate's ScoredHoldOutSet has, expected it as it was before, or the stages from the pixels on as the model.", exception);
        }
        if (scored.Schema.GetColumnOrNull(scoreColumnName) is not { } score)
            throw new ArgumentException($"The model makes no column '{scoreColumnName}'; expected a vector of Single with a score for each class. Its columns are: {string.Join(", ", scored.Schema.Select(column => column.Name))}.");
        return score.Type is VectorDataViewType { ItemType: NumberDataViewType item, Size: > 1 } && item.RawType == typeof(float)
            ? scored
            : throw new ArgumentException($"Score column '{scoreColumnName}' is {score.Type}; expected a vector of Single with a score for each class, as multiclass trainers make it.");
    }

    /// <summary>Noise, the same for every model: [ProbeCount, channels, height, width] in [0, 1).</summary>
    public static Tensor Probes(ImageShape shape)
    {
        using var generator = new Seed(0).For("probes").TorchGenerator();
        return rand([ProbeCount, shape.Channels, shape.Height, shape.Width], generator: generator);
    }
}
