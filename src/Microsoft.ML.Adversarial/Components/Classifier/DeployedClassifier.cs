using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A classifier as an application has it, read back from its file with <see cref="AdversarialCatalog.LoadNetwork(string)"/>: it scores as the file does, and holds the network that the
/// file describes, so that <c>EvaluateRobustness</c> attacks the very thing that was deployed (a white-box evaluation in the sense of Carlini et al. 2019, arXiv:1902.06705, section 2.2).
/// </summary>
/// <remarks>
/// Of a <c>model.zip</c> or a fitted pipeline it is the whole pipeline, from the columns that the pipeline was fitted on; of an ONNX file, of this library or from elsewhere, the classifier alone, from the
/// prepared images.
/// It knows one domain, <see cref="Domain"/>; the other one's normalisation is not in the file.
/// </remarks>
public sealed class DeployedClassifier : ITransformer, ICanSaveModel, IAttackableClassifier, IDisposable
{
    private readonly string path;
    private readonly FrozenNetwork network;
    private readonly Lazy<ITransformer> scoring;
    private readonly IReadOnlyList<ITransformer> preparation;
    private readonly PixelVectorFormat format;
    private readonly ImageColumns columns;
    private readonly Device device;
    private readonly bool ownsScoring;
    private bool isDisposed;

    private DeployedClassifier(string path, DeployedModel model, string labelColumnName, Device device)
    {
        this.path = path;
        this.device = device;
        var names = model.Interface;
        network = model.Network;
        (preparation, scoring, ownsScoring) = (model.Preparation, model.Scoring, model.OwnsScoring);
        columns = new ImageColumns(names.Input, labelColumnName) { LabelParameter = "NetworkFileOptions.LabelColumnName" };
        format = model.Format;
        ClassNames = names.ClassNames;
        // Files from before the domain was noted: the trainer's usual one.
        Domain = names.Domain ?? ImageDomain.Adversarial;
    }

    /// <summary>The domain whose normalisation the file holds. It matters to networks with mixture batch normalisation alone; a file of this library that does not note it counts as adversarial, one from elsewhere as clean.</summary>
    public ImageDomain Domain { get; }

    /// <summary>The classes in the order of the scores, as text.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The column of pixels that the network takes: of an ONNX file the data must have it, of a <c>model.zip</c> or a pipeline its own stages make it, or the data has it.</summary>
    public string FeatureColumnName => columns.Features;

    /// <summary>The size of the images in that column.</summary>
    public ImageShape ImageShape => format.Shape;

    /// <summary>The order of the numbers in that column.</summary>
    public PixelLayout PixelLayout => format.Layout;

    /// <summary>The values of black and of full brightness in that column.</summary>
    public PixelRange PixelRange => format.Range;

    /// <summary>What the file says of the network: who wrote it, how large it is.</summary>
    public NetworkFacts Facts => network.Facts!;

    /// <summary>
    /// The network, for attacks of your own; its images are float32 [batch, channels, height, width] on the pixel scale of [0, 1], whatever scale the file's own input has. Freed
    /// with this classifier.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public IImageClassifier Network => Living(network);

    /// <summary>Whether every row is scored by itself: true unless a stage of the loaded pipeline says otherwise.</summary>
    public bool IsRowToRowMapper => Scoring.IsRowToRowMapper;

    /// <summary>The stages that score, from the columns that the file's pipeline begins with.</summary>
    internal ITransformer Scoring => Living(scoring).Value;

    PixelVectorFormat IAttackableClassifier.Format => format;

    ImageColumns IAttackableClassifier.Columns => columns;

    Device IAttackableClassifier.Device => device;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public IDataView Transform(IDataView input) => Scoring.Transform(input);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Scoring.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The classifier was disposed.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Scoring.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)Scoring).Save(ctx);

    /// <summary>Frees the network and the scorer; a pipeline that was handed over stays the caller's.</summary>
    public void Dispose()
    {
        isDisposed = true;
        if (ownsScoring && scoring.IsValueCreated)
            (scoring.Value as IDisposable)?.Dispose();
        network.Dispose();
    }

    internal static DeployedClassifier Load(MLContext ml, string path, NetworkFileOptions options) =>
        Load(ml, path, options, (device, warn) => DeployedModel.Read(ml, path, options, device, warn));

    internal static DeployedClassifier Load(MLContext ml, ITransformer model, NetworkFileOptions options) =>
        Load(ml, PipelineNetwork.Name, options, (device, warn) => PipelineNetwork.Read(ml, model, options, device, warn));

    IDataView IAttackableClassifier.Prepare(IDataView data) => Living(preparation).Aggregate(data, (view, stage) => stage.Transform(view));

    void IAttackableClassifier.Check(ImageDomain domain)
    {
        Living(network);
        if (Require.Defined(domain, nameof(domain)) != Domain)
            throw new InvalidOperationException(
                $"'{path}' holds the network in the {Domain} domain alone, and the options ask for {domain}; expected {Domain} or none. Save the model that WithDomain(ImageDomain.{domain}) returns to attack that one.");
    }

    FrozenNetwork IAttackableClassifier.Freeze(ImageDomain domain)
    {
        ((IAttackableClassifier)this).Check(domain);
        return network.Lend();
    }

    private static DeployedClassifier Load(MLContext ml, string name, NetworkFileOptions options, Func<Device, Action<string>, DeployedModel> read)
    {
        var host = ((IHostEnvironment)ml).Register(nameof(DeployedClassifier));
        using var channel = host.Start(nameof(Load));
        var device = TorchBackend.ChooseDevice(ml.GpuDeviceId, ml.FallbackToCpu, warning => channel.Warning(default, warning));
        return new DeployedClassifier(name, read(device, warning => channel.Warning(default, warning)), options.LabelColumnName, device);
    }

    private T Living<T>(T part) => Disposal.Living(part, isDisposed, this);
}
