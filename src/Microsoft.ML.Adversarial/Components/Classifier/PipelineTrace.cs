using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Onnx;

namespace Microsoft.ML.Adversarial;

/// <summary>Follows the pixels from stage to stage of a fitted pipeline, and knows of each column that is made of them how it is made.</summary>
internal sealed class PipelineTrace
{
    public const string Remedy = "Any model at all can be measured by its scores: EvaluateBlackBox.";

    private const string Understood = "expected ONNX graphs, CopyColumns or Concatenate of one column, and LbfgsMaximumEntropy, SdcaMaximumEntropy or SdcaNonCalibrated behind them";

    private readonly MLContext ml;
    private readonly NetworkFileOptions options;
    private readonly DataViewSchema pixels;
    private readonly Dictionary<string, Value> values = [];
    private readonly List<ITransformer> followed = [], aside = [];
    private readonly List<(ITransformer Stage, int Position, string Reason)> strange = [];
    private DataViewSchema schema;
    private IReadOnlyList<string> lastOutputs = [];
    private string? predicted;

    /// <param name="ml">Saves stages, to read what they hold.</param>
    /// <param name="first">The stage that takes the pixels.</param>
    /// <param name="options">What the pipeline does not say.</param>
    public PipelineTrace(MLContext ml, OnnxTransformer first, NetworkFileOptions options)
    {
        (this.ml, this.options) = (ml, options);
        // ML.NET's ONNX stages take columns that are called as the graph's inputs are.
        var input = ForeignInput.Of(ReadFile(first), options);
        var usual = new NetworkFileOptions().FeatureColumnName;
        if (options.FeatureColumnName != input.Name && options.FeatureColumnName != usual)
            throw new ArgumentException($"FeatureColumnName is '{options.FeatureColumnName}', and the pipeline's first ONNX stage takes '{input.Name}'; expected that, or nothing stated.");
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(input.Name, new VectorDataViewType(NumberDataViewType.Single, new PixelVectorFormat(input.Image, input.Layout, options.PixelRange).Dimensions));
        schema = pixels = builder.ToSchema();
        values[input.Name] = new Value();
    }

    public void Follow(ITransformer stage)
    {
        if (Bind(stage, out var reason) is not { } mapper)
        {
            // Keys of labels and the columns that are kept have no part in scores.
            if (stage is ValueToKeyMappingTransformer or HashingTransformer)
                aside.Add(stage);
            else if (stage is not ColumnSelectingTransformer)
                strange.Add((stage, followed.Count, reason));
            return;
        }
        followed.Add(stage);
        var (input, before) = (schema, new Dictionary<string, Value>(values));
        schema = mapper.OutputSchema;
        // A column that replaces another hides it, and the hidden one still counts.
        List<DataViewSchema.Column> made = [.. schema.Where(column => !column.IsHidden && Count(schema, column.Name) > Count(input, column.Name))];
        var file = new Lazy<OnnxFile>(() => ReadFile((OnnxTransformer)stage));
        foreach (var column in made)
        {
            List<DataViewSchema.Column> sources = [.. mapper.GetDependencies([column]).Where(source => !source.IsHidden && before.ContainsKey(source.Name))];
            values[column.Name] = (sources is [var source] ? Make(stage, column, source, before[source.Name], file) : new Value { Unknown = Describe(stage) }) with { Column = column, Position = followed.Count };
        }
        if (stage is OnnxTransformer)
            lastOutputs = [.. made.Select(column => column.Name)];
        if (stage is ISingleFeaturePredictionTransformer<object>)
            predicted = made.FirstOrDefault(column => column.Name == ScoringChain.Score) is { Name: { } score } ? score : made[^1].Name;
    }

    /// <exception cref="ArgumentException">The scores are not made of pixels by what is understood.</exception>
    public PipelineScores End()
    {
        if (predicted is not null && options.OutputName is not null)
            throw new ArgumentException($"OutputName is '{options.OutputName}', and the scores of this pipeline are its predictor's; expected nothing stated.");
        var name = predicted ?? options.OutputName ?? (lastOutputs is [var only] ? only : null);
        if (predicted is null && strange.Any(entry => entry.Stage is ISingleFeaturePredictionTransformer<object>))
            throw Strange(strange[0].Stage, strange[0].Reason);
        if (name is null || !values.TryGetValue(name, out var value))
            throw Unlike($"The pipeline's ONNX stages make the columns [{string.Join(", ", values.Where(entry => entry.Value.Links.Count > 0).Select(entry => entry.Key))}], and {(name is null ? "which of them holds the scores is not said" : $"not '{name}'")}; expected OutputName in the options, of one of them.");
        if (strange.FirstOrDefault(entry => entry.Position < value.Position) is { Stage: { } stage, Reason: var reason })
            throw Strange(stage, reason);
        if (value.Unknown is { } unknown)
            throw Unlike($"The scores '{name}' come from {unknown}, which is not understood; {Understood}.");
        if (value.Links.Count == 0)
            throw Unlike($"The column '{name}' holds pixels, not scores; {Understood}.");
        return new PipelineScores
        {
            Preparation = aside,
            Scoring = followed[..value.Position],
            Links = value.Links,
            Linear = value.Linear,
            Pixels = pixels,
            Scores = value.Column!.Value,
            Predicted = values.GetValueOrDefault(ScoringChain.PredictedLabel)?.Column is { Type: KeyDataViewType } key && predicted is not null ? key : null,
        };
    }

    private static Value Make(ITransformer stage, DataViewSchema.Column column, DataViewSchema.Column source, Value value, Lazy<OnnxFile> file) => stage switch
    {
        _ when value.Unknown is not null => value,
        OnnxTransformer when value.Linear is null => value with { Links = [.. value.Links, new OnnxLink(file.Value, source.Name, column.Name)] },
        ColumnCopyingTransformer or ColumnConcatenatingTransformer when SizeOf(column) == SizeOf(source) => value,
        ISingleFeaturePredictionTransformer<object> { Model: LinearMulticlassModelParametersBase linear } when value.Linear is null && column.Name == ScoringChain.Score => value with { Linear = Read(linear) },
        _ => new Value { Unknown = Describe(stage) },
    };

    private static OnnxLinear Read(LinearMulticlassModelParametersBase linear)
    {
        VBuffer<float>[]? weights = null;
        linear.GetWeights(ref weights, out _);
        return new OnnxLinear([.. weights.Select(row => row.DenseValues().ToArray())], [.. linear.GetBiases()]);
    }

    private static int Count(DataViewSchema schema, string name) => schema.Count(column => column.Name == name);

    private static int SizeOf(DataViewSchema.Column column) => (column.Type as VectorDataViewType)?.Size ?? 1;

    private static string Describe(ITransformer stage) => stage is ISingleFeaturePredictionTransformer<object> predictor
        ? $"a predictor of {predictor.Model.GetType().Name}"
        : $"a {stage.GetType().Name}";

    private static ArgumentException Strange(ITransformer stage, string reason) => Unlike($"{Describe(stage)}, which comes before the scores, does not work on the pixels alone ({reason}); {Understood}.");

    private static ArgumentException Unlike(string what) => new($"{what} {Remedy}");

    /// <summary>ML.NET says in several types of exceptions that a column is missing or of another type.</summary>
    private IRowToRowMapper? Bind(ITransformer stage, out string reason)
    {
        try
        {
            reason = "it is no mapper of rows.";
            return stage.IsRowToRowMapper ? stage.GetRowToRowMapper(schema) : null;
        }
        catch (Exception exception) when (exception is ArgumentException or (InvalidOperationException and not ObjectDisposedException))
        {
            reason = exception.Message;
            return null;
        }
    }

    /// <summary>No public member tells an ONNX stage's graph; what is saved of the stage does.</summary>
    private OnnxFile ReadFile(OnnxTransformer stage)
    {
        using var saved = new MemoryStream();
        ml.Model.Save(stage, null, saved);
        saved.Position = 0;
        var (content, _) = ModelZip.Graph(saved, PipelineNetwork.Name);
        using (content)
        {
            var file = OnnxFile.Read(content, PipelineNetwork.Name, folder: null);
            return file.Model.ProducerName != OnnxWriter.Producer
                ? file
                : throw new ArgumentException("The pipeline's ONNX stage is a network of this library; expected one from elsewhere. LoadNetwork with the path of the model.zip reads it, sealed and with its own names.");
        }
    }

    /// <summary>What is known of a column: the pixels themselves, unless it says more.</summary>
    private sealed record Value
    {
        public IReadOnlyList<OnnxLink> Links { get; init; } = [];

        public OnnxLinear? Linear { get; init; }

        /// <summary>The first stage on the way that is not understood.</summary>
        public string? Unknown { get; init; }

        public DataViewSchema.Column? Column { get; init; }

        /// <summary>How many stages it takes.</summary>
        public int Position { get; init; }
    }
}
