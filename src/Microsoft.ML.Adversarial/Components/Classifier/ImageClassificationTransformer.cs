using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A trained image classifier. It scores through ML.NET's own ONNX transformer, and <c>ml.Model.Save</c> writes just that, so that any application loads
/// the model with <c>ml.Model.Load</c> and Microsoft.ML.OnnxTransformer alone. It also holds the network itself, for attacks and evaluation.
/// </summary>
/// <remarks>
/// As ONNX it is had from <see cref="ExportOnnx(string)"/>. <c>ml.Model.ConvertToOnnx</c> (Microsoft.ML.OnnxConverter) refuses every pipeline with this transformer, as it does with
/// ML.NET's own OnnxTransformer: what it asks of a stage is internal to ML.NET. Convert the stages before the classifier alone, and hand their output to the exported network.
/// </remarks>
public sealed class ImageClassificationTransformer : ITransformer, ICanSaveModel, IAttackableClassifier, IDisposable
{
    private const string Logits = "Logits", PredictedIndex = "PredictedIndex";

    private readonly ImageNetwork network;
    private readonly FrozenNetwork frozen;
    private readonly ITransformer scoring;
    private readonly PixelVectorFormat format;
    private readonly ImageColumns columns;
    private readonly DataViewType featureType;
    private readonly ClassLabels classes;
    private bool isDisposed;

    internal ImageClassificationTransformer(
        ImageNetwork network, ImageDomain domain, ClassLabels classes, PixelVectorFormat format, ImageColumns columns, DataViewType featureType)
    {
        this.network = network;
        this.classes = classes;
        this.format = format;
        this.columns = columns;
        this.featureType = featureType;
        Domain = domain;
        ClassNames = classes.Names;
        frozen = network.Freeze(domain);
        scoring = ScoringChain.Create(OnnxWriter.Write(frozen, InterfaceForScoring()), columns.Features, featureType, classes);
    }

    /// <summary>Whose normalisation every image passes through. It matters to networks with mixture batch normalisation alone.</summary>
    public ImageDomain Domain { get; }

    /// <summary>The classes in the order of the label's key values and of the scores.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What the selection measured after each epoch; empty where the options have none.</summary>
    public IReadOnlyList<EpochMetrics> ValidatedEpochs { get; internal init; } = [];

    /// <summary>The epoch, from 1, whose weights these are; null where nothing selected among them.</summary>
    public int? BestEpoch { get; internal init; }

    /// <summary>Time spent training and validating; of a resumed run, in all processes that took part.</summary>
    public TimeSpan TrainingTime { get; internal init; }

    /// <summary>The network as the scorer runs it, for attacks of your own; its images are on the pixel scale of [0, 1]. Freed with this transformer.</summary>
    public IImageClassifier Network => Living(frozen);

    /// <summary>True: every row is scored by itself.</summary>
    public bool IsRowToRowMapper => scoring.IsRowToRowMapper;

    /// <summary>What the scorer and the exported network name their outputs; the features column must not be one of them.</summary>
    internal static IReadOnlyList<string> OutputNames { get; } = [ScoringChain.Score, ScoringChain.PredictedLabel, ScoringChain.Index, Logits, PredictedIndex];

    internal PixelVectorFormat Format => format;

    internal ImageColumns Columns => columns;

    PixelVectorFormat IAttackableClassifier.Format => format;

    ImageColumns IAttackableClassifier.Columns => columns;

    Device IAttackableClassifier.Device => network.Device;

    /// <summary>The same model as it classifies images of the other domain, with a copy of the network: both transformers live and are disposed by themselves.</summary>
    /// <param name="domain">Whose normalisation every image is to pass through.</param>
    /// <returns>A new transformer.</returns>
    /// <exception cref="InvalidOperationException">Training never showed the network an image of this domain.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public ImageClassificationTransformer WithDomain(ImageDomain domain)
    {
        CheckTrained(domain);
        var copy = network.Copy(network.Architecture.Normalization, domain);
        try
        {
            return new ImageClassificationTransformer(copy, domain, classes, format, columns, featureType)
            {
                ValidatedEpochs = ValidatedEpochs,
                BestEpoch = BestEpoch,
                TrainingTime = TrainingTime,
            };
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input) => Living(scoring).Transform(input);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Living(scoring).GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Living(scoring).GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)Living(scoring)).Save(ctx);

    /// <summary>
    /// Writes the network as an ONNX file for any runtime. Input: the feature column's name, float32 [batch, channels, height, width] or, where the
    /// column is interleaved, [batch, height, width, channels], on the column's own pixel scale. Outputs: <c>Logits</c> and <c>Score</c> (probabilities),
    /// float32 [batch, classes]; <c>PredictedIndex</c>, int64 [batch].
    /// </summary>
    /// <param name="path">The file; one that exists is replaced once the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written; one that existed is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; one that existed is still there.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void ExportOnnx(string path) => CompleteFile.Write(Require.NotEmpty(path, nameof(path)), ExportOnnx);

    /// <summary>Writes the network as an ONNX model; see <see cref="ExportOnnx(string)"/>.</summary>
    /// <param name="stream">Receives the model; stays open.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void ExportOnnx(Stream stream) => Require.NotNull(stream, nameof(stream)).Write(OnnxWriter.Write(Living(frozen), InterfaceForExport()));

    /// <summary>
    /// Writes the network's weights and running statistics as a safetensors file with torchvision's names, to start another training from
    /// (<see cref="TrainingOptions.InitialWeights"/>) or for other tools. Those must do what <see cref="TrainingOptions.PixelNormalization"/> says themselves: it is no weight.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced once the new one is complete.</param>
    /// <param name="domain">
    /// Default null: all there is. With <see cref="Normalization.MixtureBatch"/>, a domain writes its normalisation alone, as that of a <see cref="Normalization.Batch"/> network, which
    /// torchvision knows. Of no effect where the normalisation does not tell domains apart.
    /// </param>
    /// <exception cref="InvalidOperationException">Training never showed the network an image of this domain.</exception>
    /// <exception cref="IOException">The file cannot be written; one that existed is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; one that existed is still there.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void SaveWeights(string path, ImageDomain? domain = null)
    {
        Require.NotEmpty(path, nameof(path));
        if (domain is { } named)
            CheckTrained(named);
        using var plain = domain is { } own && network.Architecture.Normalization.SeparatesDomains ? network.Copy(Normalization.Batch, own) : null;
        var written = plain ?? Living(network);
        CompleteFile.Write(path, stream => NetworkWeights.WriteSealed(stream, written));
    }

    /// <summary>Frees the network and the scorer.</summary>
    public void Dispose()
    {
        isDisposed = true;
        (scoring as IDisposable)?.Dispose();
        frozen.Dispose();
        network.Dispose();
    }

    /// <summary>Gives a deeper network these weights as its first ones.</summary>
    /// <returns>Whether they have a place there.</returns>
    internal bool WarmStart(ImageNetwork deeper) => deeper.GrowFrom(Living(network));

    /// <summary>The network in either domain, for an evaluation; the caller disposes it. Its own domain's is lent.</summary>
    internal FrozenNetwork Freeze(ImageDomain domain)
    {
        CheckTrained(domain);
        return domain == Domain ? frozen.Lend() : network.Freeze(domain);
    }

    void IAttackableClassifier.Check(ImageDomain domain) => CheckTrained(domain);

    FrozenNetwork IAttackableClassifier.Freeze(ImageDomain domain) => Freeze(domain);

    IDataView IAttackableClassifier.Prepare(IDataView data) => data;

    /// <exception cref="InvalidOperationException">Training never showed the network an image of this domain.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    private void CheckTrained(ImageDomain domain)
    {
        if (!Living(network).HasSeen(Require.Defined(domain, nameof(domain))))
            throw new InvalidOperationException(
                $"The {domain} domain of {network.Architecture} was never trained: no image of it entered an update. Expected {Domain}, or a model trained on images of both domains (CleanRatio above 0).");
    }

    private T Living<T>(T part) => Disposal.Living(part, isDisposed, this);

    private OnnxInterface InterfaceForScoring() => InterfaceForExport() with
    {
        Logits = null,
        PredictedIndex = ScoringChain.Index,
        IsSingleImage = true,
    };

    private OnnxInterface InterfaceForExport() => new()
    {
        Input = columns.Features,
        IsInterleaved = format.Layout == PixelLayout.Interleaved,
        PixelMinimum = format.Range.Minimum,
        PixelSpan = format.Range.Span,
        Logits = Logits,
        Score = ScoringChain.Score,
        PredictedIndex = PredictedIndex,
        ClassNames = ClassNames,
        Domain = Domain,
    };
}
