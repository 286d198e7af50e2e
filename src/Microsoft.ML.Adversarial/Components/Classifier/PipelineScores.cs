using Microsoft.ML.Transforms.Onnx;

namespace Microsoft.ML.Adversarial;

/// <summary>How a fitted pipeline comes from pixels to scores, where every stage of that can be differentiated.</summary>
internal sealed record PipelineScores
{
    /// <summary>The stages that the data goes through up to the pixels and the label.</summary>
    public required IReadOnlyList<ITransformer> Preparation { get; init; }

    /// <summary>Those that make scores of the column of pixels alone.</summary>
    public required IReadOnlyList<ITransformer> Scoring { get; init; }

    /// <summary>The ONNX graphs, one behind the other; one at least.</summary>
    public required IReadOnlyList<OnnxLink> Links { get; init; }

    /// <summary>The predictor behind them; null where the last graph gives the scores.</summary>
    public required OnnxLinear? Linear { get; init; }

    /// <summary>The columns that the first ONNX stage is shown: the pixels.</summary>
    public required DataViewSchema Pixels { get; init; }

    /// <summary>The pipeline's own scores.</summary>
    public required DataViewSchema.Column Scores { get; init; }

    /// <summary>The predictor's choice; null where there is no predictor.</summary>
    public required DataViewSchema.Column? Predicted { get; init; }

    /// <param name="ml">Saves stages, to read what they hold.</param>
    /// <param name="model">Not changed.</param>
    /// <param name="options">What the pipeline does not say.</param>
    /// <exception cref="ArgumentException">The scores do not come from pixels through ONNX graphs and a linear predictor alone.</exception>
    /// <exception cref="InvalidDataException">A graph takes no images, or the options do not fit it.</exception>
    public static PipelineScores Of(MLContext ml, ITransformer model, NetworkFileOptions options)
    {
        var stages = EvaluatedModel.Flatten(model).ToList();
        if (stages.FirstOrDefault(stage => stage is IAttackableClassifier) is { } own)
            throw new ArgumentException($"The model holds a {own.GetType().Name}, which has its network already; expected a pipeline with ONNX stages of ML.NET's. Hand the model itself to EvaluateRobustness.", nameof(model));
        var first = stages.FindIndex(stage => stage is OnnxTransformer);
        if (first < 0)
            throw new ArgumentException(
                $"The model has no ONNX stage, as ApplyOnnxModel and DnnFeaturizeImage make it, among {string.Join(", ", stages.Select(stage => stage.GetType().Name))}; expected one, whose network can be differentiated. {PipelineTrace.Remedy}", nameof(model));
        var trace = new PipelineTrace(ml, (OnnxTransformer)stages[first], options);
        foreach (var stage in stages.Skip(first))
            trace.Follow(stage);
        var scores = trace.End();
        return scores with { Preparation = [.. stages.Take(first), .. scores.Preparation] };
    }
}
