using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The network of a fitted pipeline of ML.NET's own stages: its ONNX graphs and the linear predictor behind them, as one graph that is seen to give the pipeline's scores.</summary>
internal static class PipelineNetwork
{
    /// <summary>For messages.</summary>
    public const string Name = "the pipeline";

    /// <summary>Of probabilities: ONNX Runtime, ML.NET's sums and torch round differently.</summary>
    private const double Tolerance = 1e-3;

    private const string SlotNames = "SlotNames";

    /// <param name="ml">Saves stages, to read what they hold.</param>
    /// <param name="model">The pipeline; it stays the caller's.</param>
    /// <param name="options">What the pipeline does not say.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <param name="warn">Gets what a user should know.</param>
    /// <exception cref="ArgumentException">The pipeline's stages are not understood, or the options state what it says itself.</exception>
    /// <exception cref="InvalidDataException">A graph is not understood, or all of it gives other scores than the pipeline.</exception>
    public static DeployedModel Read(MLContext ml, ITransformer model, NetworkFileOptions options, Device device, Action<string> warn)
    {
        if (options.PixelNormalization is not null || options.IsBlueFirst)
            throw new ArgumentException("PixelNormalization or IsBlueFirst is stated, and the pipeline's first ONNX stage takes its column as it is; expected PixelRange alone, the values of black and of full brightness in that column.");
        return Read(PipelineScores.Of(ml, model, options), model, options, device, warn);
    }

    /// <param name="scores">How the pipeline scores; the graphs are used up.</param>
    /// <param name="model">The pipeline; it stays the caller's.</param>
    /// <param name="options">What the pipeline does not say.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <param name="warn">Gets what a user should know.</param>
    internal static DeployedModel Read(PipelineScores scores, ITransformer model, NetworkFileOptions options, Device device, Action<string> warn)
    {
        var input = scores.Links[0].Input;
        options = options with { InputName = input, OutputName = null, FeatureColumnName = input, PixelNormalization = Normalization(options.PixelRange) };
        using var joined = OnnxChain.Join(scores.Links, scores.Linear, Name);
        using var foreign = ForeignNetwork.Read(joined, options, isClassifier: true);
        foreach (var warning in foreign.Warnings)
            warn(warning);
        var network = foreign.Freeze(device);
        try
        {
            var names = DeployedModel.Describe(foreign, network, options with { ClassNames = options.ClassNames ?? ClassNames(scores) }, Name);
            var deployed = new DeployedModel(network, names, new Lazy<ITransformer>(model), scores.Preparation) { OwnsScoring = false };
            CheckAgrees(deployed, scores, device);
            return deployed;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>From [0, 1] to the column's own values.</summary>
    private static PixelNormalization Normalization(PixelRange range) => range.Minimum <= 0 && range.Maximum >= 0 && range.Span is >= 1 and <= 1000
        ? new PixelNormalization([-range.Minimum / (double)range.Span], [1 / (double)range.Span])
        : throw new ArgumentException($"PixelRange is {range}; expected one of a pipeline's pixels that has 0 in it and is 1 to 1000 wide, such as 0..255 or -1..1.");

    /// <summary>As the predictor knows them; null where it knows none.</summary>
    private static IReadOnlyList<string>? ClassNames(PipelineScores scores)
    {
        if (scores.Scores.Annotations.Schema.GetColumnOrNull(SlotNames)?.Type is not VectorDataViewType { ItemType: TextDataViewType })
            return scores.Predicted is { } predicted ? ClassLabels.Of(predicted).Names : null;
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scores.Scores.Annotations.GetValue(SlotNames, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <exception cref="InvalidDataException">The pipeline itself gives other probabilities.</exception>
    private static void CheckAgrees(DeployedModel deployed, PipelineScores scores, Device device)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var columns = new ImageColumns(deployed.Interface.Input, ScoringChain.PredictedLabel);
        var pipeline = new ScoreClassifier(new TransformerChain<ITransformer>([.. scores.Scoring]), scores.Pixels, columns, deployed.Format, scores.Scores.Name);
        if (pipeline.ClassCount != deployed.Network.ClassCount)
            throw new InvalidDataException($"The column '{scores.Scores.Name}' has {pipeline.ClassCount} scores, and the network that was understood {deployed.Network.ClassCount}. {PipelineTrace.Remedy}");
        var images = ScoreClassifier.Probes(deployed.Network.Image).to(device);
        var difference = deployed.Network.Logits(images).softmax(1).sub(pipeline.Logits(images).softmax(1)).abs().max().to(float64).item<double>();
        if (!(difference <= Tolerance))
            throw new InvalidDataException(FormattableString.Invariant($"The network that was understood gives probabilities that differ by up to {difference:g3} from the pipeline's '{scores.Scores.Name}' on images of noise; expected at most {Tolerance}. {PipelineTrace.Remedy}"));
    }
}
