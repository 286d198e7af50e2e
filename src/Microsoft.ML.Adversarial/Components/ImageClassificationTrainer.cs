using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Data;
using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Adversarial.Onnx;
using Microsoft.ML.Adversarial.Training;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Components;

/// <summary>Trains a residual network on attacked images, so that it classifies images that an adversary has perturbed within a budget.</summary>
/// <remarks>
/// <para>
/// Input columns: the label, a key; the features, a vector of <see cref="float"/> that holds an image of one known size as <c>ExtractPixels</c> delivers it.
/// Output columns: <c>Score</c>, a vector of <see cref="float"/> with the probability of each class and the class names as slot names;
/// <c>PredictedLabel</c>, a key with the label's key values.
/// </para>
/// <para>
/// Machine learning task: multiclass classification. Normalization: not required, the network's first layer does it. Caching: see
/// <see cref="ImageClassificationOptions.CacheImages"/>. Required NuGet in addition to Microsoft.ML: a TorchSharp backend for training, none for scoring.
/// Exportable to ONNX: yes.
/// </para>
/// <para>Trains on the CUDA device that <c>MLContext.GpuDeviceId</c> names, on the CPU where it is null. The same seed on the same machine gives the same weights, bit for bit.</para>
/// </remarks>
public sealed class ImageClassificationTrainer : IEstimator<ImageClassificationTransformer>
{
    private const int ScaleProbe = 256;

    private readonly MLContext ml;
    private readonly IHost host;
    private readonly ImageClassificationOptions options;
    private readonly Seed seed;

    internal ImageClassificationTrainer(MLContext ml, ImageClassificationOptions options)
    {
        this.ml = ml;
        this.options = options;
        host = ((IHostEnvironment)ml).Register(nameof(ImageClassificationTrainer));
        seed = new Seed((ulong)(options.Seed ?? host.Rand.Next()));
    }

    /// <summary>Trains a network.</summary>
    /// <param name="input">The training images; read once for each epoch unless cached.</param>
    /// <returns>The fitted transformer; dispose it to free the network.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, an option does not fit the data, or two options contradict each other.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label; or the classes are fewer than two or one has no image.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that was asked for.</exception>
    /// <exception cref="NotSupportedException">The network is too large for an ONNX file.</exception>
    /// <exception cref="InvalidOperationException">Training diverged: the loss is no longer a number. Or no image of the inference domain entered an update.</exception>
    /// <exception cref="InsufficientMemoryException">A weight update needs more memory than there is.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public ImageClassificationTransformer Fit(IDataView input)
    {
        Require.NotNull(input, nameof(input));
        var columns = new ImageColumns(options.FeatureColumnName, options.LabelColumnName);
        columns.Check(input.Schema);
        var format = ImageFormat.Of(
            options.FeatureColumnName, input.Schema[options.FeatureColumnName].Type, options.ImageShape, options.PixelLayout, options.PixelRange);
        var classes = ClassLabels.Of(input.Schema[options.LabelColumnName]);
        var architecture = new NetworkArchitecture
        {
            Image = format.Shape,
            ClassCount = classes.Count,
            Depth = options.Depth,
            Family = options.Family,
            Width = options.Width,
            Normalization = options.Normalization,
        };
        ResNetTable.Plan(architecture);
        options.Check();
        options.Augmentation.Check();

        using var channel = host.Start(nameof(Fit));
        var reader = new ImageReader(input, options.FeatureColumnName, options.LabelColumnName, format)
        {
            Unreadable = options.UnreadableImages,
            Cancellation = options.CancellationToken,
        };
        var imageCount = TrainingDataCheck.CountImages(reader, classes, options, warning => channel.Warning(default, warning));
        TrainingDataCheck.CheckScale(reader, ScaleProbe);
        var device = TorchBackend.ChooseDevice(ml.GpuDeviceId, ml.FallbackToCpu, warning => channel.Warning(default, warning));

        // Laid out without memory first: weights too large for the file may be too large for the machine, too.
        using (var layout = new ResidualNetwork(architecture, META))
            OnnxWriter.CheckFits(layout);

        var network = ResidualNetwork.Create(architecture, device, seed.For("weights"));
        try
        {
            channel.Info(default, $"Training {architecture} on {imageCount} images on {device}.");
            Train(network, reader, imageCount, channel);
            return new ImageClassificationTransformer(network, options.ResolvedInferenceDomain, classes, format, columns, input.Schema[options.FeatureColumnName].Type);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The columns that a fitted transformer adds.</summary>
    /// <param name="inputSchema">The columns there are.</param>
    /// <returns>Those and <c>Score</c> and <c>PredictedLabel</c>.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Require.NotNull(inputSchema, nameof(inputSchema));
        new ImageColumns(options.FeatureColumnName, options.LabelColumnName).Check(inputSchema);
        return OutputSchema.Of(ml, inputSchema, options.LabelColumnName);
    }

    private void Train(ResidualNetwork network, ImageReader reader, int imageCount, IChannel channel)
    {
        var batches = new BatchReader(reader)
        {
            BatchSize = options.BatchSize,
            Caches = options.CacheImages,
            ShufflePool = options.ShufflePoolSize,
            LookAhead = options.LookAheadBatches,
        };
        using var progressChannel = ((IProgressChannelProvider)host).StartProgressChannel(nameof(ImageClassificationTrainer));
        var progress = new ProgressRelay(channel, progressChannel, options.MetricsCallback);
        var run = new TrainingRun(network, options, seed, TimeProvider.System);
        run.Train(
            epoch => batches.Epoch(epoch, options.Augmentation, seed),
            batchesPerEpoch: (imageCount + options.BatchSize - 1) / options.BatchSize,
            progress,
            options.CancellationToken);
        if (reader.Skipped is { Count: > 0 } skipped)
            channel.Warning(default, $"{skipped.Count} of {imageCount} rows were left out because their images cannot be read. The first: {skipped.First}");
        if (reader.Black is { Count: > 0 } black)
            channel.Warning(default, $"{black.Count} of {imageCount} images are black in every pixel, as LoadImages makes of a file that is cut off. The first: {black.First}");
    }
}
