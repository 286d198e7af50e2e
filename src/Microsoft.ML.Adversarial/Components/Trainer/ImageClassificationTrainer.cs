using System.Diagnostics;
using System.Text;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

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
/// Exportable to ONNX: yes, with <see cref="ImageClassificationTransformer.ExportOnnx(string)"/>; not with <c>ml.Model.ConvertToOnnx</c>.
/// </para>
/// <para>Trains on the CUDA device that <c>MLContext.GpuDeviceId</c> names, on the CPU where it is null. The same seed on the same machine gives the same weights, bit for bit.</para>
/// </remarks>
public sealed class ImageClassificationTrainer : IEstimator<ImageClassificationTransformer>
{
    private readonly MLContext ml;
    private readonly IHost host;
    private readonly ImageClassificationOptions options;
    private readonly Seed drawnSeed;

    internal ImageClassificationTrainer(MLContext ml, ImageClassificationOptions options)
    {
        this.ml = ml;
        this.options = options;
        host = ((IHostEnvironment)ml).Register(nameof(ImageClassificationTrainer));
        drawnSeed = new Seed((ulong)(options.Seed ?? host.Rand.Next()));
    }

    private ImageColumns Columns => new(options.FeatureColumnName, options.LabelColumnName) { TakenNames = ImageClassificationTransformer.OutputNames };

    /// <summary>Trains a network.</summary>
    /// <param name="input">The training images; read once for each epoch unless cached.</param>
    /// <returns>The fitted transformer; dispose it to free the network.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, an option does not fit the data, or two options contradict each other.</exception>
    /// <exception cref="InvalidDataException">
    /// A row holds no readable image, a pixel outside the range, or no label; or fewer than two classes have images; or there is no validation image to select on; or the checkpoint to go on from is damaged or
    /// belongs to another run; or the file of initial weights is no safetensors file or one of another network.
    /// </exception>
    /// <exception cref="FileNotFoundException">The checkpoint to go on from, or the file of initial weights, does not exist.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; those before it are intact. Or the event directory cannot be written to.</exception>
    /// <exception cref="TorchBackendNotFoundException">There is no torch, or not the GPU that was asked for.</exception>
    /// <exception cref="NotSupportedException">The network is too large for an ONNX file.</exception>
    /// <exception cref="InvalidOperationException">Training diverged: the loss is no longer a number. Or no image of the inference domain entered an update.</exception>
    /// <exception cref="InsufficientMemoryException">A weight update needs more memory than there is.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled or their time is over, and they want no unfinished model.</exception>
    public ImageClassificationTransformer Fit(IDataView input) => Fit(Require.NotNull(input, nameof(input)), validation: null);

    /// <summary>Trains a network and returns the weights of the epoch that fares best on validation images; see <see cref="TrainingOptions.Selection"/>.</summary>
    /// <param name="input">The training images.</param>
    /// <param name="validation">Labelled images in the same columns; null to set some of the training images apart.</param>
    /// <returns>The fitted transformer; dispose it to free the network.</returns>
    /// <exception cref="ArgumentException">As for the other overload; or there is validation data and nothing to select by.</exception>
    public ImageClassificationTransformer Fit(IDataView input, IDataView? validation) => FitWithOutcome(Require.NotNull(input, nameof(input)), validation).Model;

    /// <summary>The columns that a fitted transformer adds.</summary>
    /// <param name="inputSchema">The columns there are.</param>
    /// <returns>Those and <c>Score</c> and <c>PredictedLabel</c>.</returns>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Require.NotNull(inputSchema, nameof(inputSchema));
        Columns.Check(inputSchema);
        return OutputSchema.Of(ml, inputSchema, options.LabelColumnName);
    }

    /// <summary>The network that would be trained on data of this schema.</summary>
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or the options' network does not fit the images.</exception>
    internal NetworkArchitecture ArchitectureFor(DataViewSchema schema) => Examine(schema).Architecture;

    /// <summary><see cref="Fit(IDataView, IDataView?)"/>, and how the run ended.</summary>
    /// <param name="input">The training images.</param>
    /// <param name="validation">As there.</param>
    /// <param name="warmStart">A shallower model to start from, where its weights have a place in the network; a checkpoint to go on from comes first.</param>
    internal (ImageClassificationTransformer Model, TrainingOutcome Outcome) FitWithOutcome(IDataView input, IDataView? validation, ImageClassificationTransformer? warmStart = null) =>
        AdversarialTelemetry.Within("adversarial.fit", activity => Fit(input, validation, warmStart, activity));

    private (ImageClassificationTransformer Model, TrainingOutcome Outcome) Fit(IDataView input, IDataView? validation, ImageClassificationTransformer? warmStart, Activity? activity)
    {
        if (validation is not null && options.Selection is null)
            throw new ArgumentException("There is validation data, and Selection is null; expected a ModelSelection that says what to measure on it.", nameof(validation));
        var (columns, format, classes, architecture) = Examine(input.Schema);
        activity?.SetTag("adversarial.network", architecture.ToString());
        options.Check();
        if (options.ExtraImages is { } extra)
            CheckClasses(extra.Data, "ExtraImages have", classes, nameof(options.ExtraImages));

        using var channel = host.Start(nameof(Fit));
        var device = TorchBackend.ChooseDevice(ml.GpuDeviceId, ml.FallbackToCpu, warning => channel.Warning(default, warning));
        // Laid out without memory first: the images may be too small for it, and weights too large for the file may be too large for the machine, too.
        using (var layout = new ImageNetwork(architecture, META))
            OnnxWriter.CheckFits(layout);
        // Whatever this MLContext would draw: a run goes on with the seed that it began with.
        var seed = new Seed((ulong)options.Group.OfFirst((long)(options.Seed is null ? CheckpointStore.SeedIn(options.ResumeFrom) ?? drawnSeed : drawnSeed).Value));
        var (reader, validationReader) = Readers(input, validation, format, classes, seed);
        var imageCount = TrainingDataCheck.CountImages(reader, classes, options, warning => channel.Warning(default, warning));
        PixelScale.Check(reader);
        if (validationReader is not null)
            TrainingDataCheck.CheckValidation(validationReader, isSetApart: validation is null);

        var network = ImageNetwork.Create(architecture, device, seed.For("weights"));
        try
        {
            if (warmStart?.WarmStart(network) == true)
                channel.Info(default, "The network starts from the weights of a shallower one.");
            channel.Info(default, $"Training {architecture} on {imageCount} images on {device}.");
            var outcome = Train(network, reader, validationReader, classes, imageCount, seed, channel);
            var model = new ImageClassificationTransformer(network, options.ResolvedInferenceDomain, classes, format, columns, input.Schema[options.FeatureColumnName].Type)
            {
                ValidatedEpochs = outcome.Epochs,
                BestEpoch = outcome.BestEpoch,
                TrainingTime = outcome.Elapsed,
            };
            return (model, outcome);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private (ImageColumns Columns, PixelVectorFormat Format, ClassLabels Classes, NetworkArchitecture Architecture) Examine(DataViewSchema schema)
    {
        Columns.Check(schema);
        var format = PixelVectorFormat.Of(
            options.FeatureColumnName, schema[options.FeatureColumnName].Type, options.ImageShape, options.PixelLayout, options.PixelRange);
        var classes = ClassLabels.Of(schema[options.LabelColumnName]);
        var architecture = new NetworkArchitecture
        {
            Image = format.Shape,
            ClassCount = classes.Count,
            Backbone = options.Backbone,
            Normalization = options.Normalization,
            Pixels = options.Backbone.OwnPixels ?? options.PixelNormalization,
        };
        return (Columns, format, classes, architecture);
    }

    /// <summary>The training images, and where there is a selection those that it is measured on.</summary>
    private (ImageReader Training, ImageReader? Validation) Readers(IDataView input, IDataView? validation, PixelVectorFormat format, ClassLabels classes, Seed seed)
    {
        if (options.Selection is null)
            return (Reader(input, format, _ => true), null);
        if (validation is not null)
        {
            CheckClasses(validation, "The validation data has", classes, nameof(validation));
            return (Reader(input, format, _ => true), Reader(validation, format, _ => true));
        }
        var apart = ValidationSplit.Choose(Reader(input, format, _ => true).ReadLabels(), options.ValidationFraction, seed.For("validation split"));
        return (Reader(input, format, row => !apart.Contains(row)), Reader(input, format, apart.Contains));
    }

    private ImageReader Reader(IDataView view, ImageFormat format, Func<long, bool> includes) => new(view, options.FeatureColumnName, options.LabelColumnName, format)
    {
        Includes = includes,
        Unreadable = options.UnreadableImages,
        // Ranks stop together, between batches.
        Cancellation = options.Group.IsAlone ? options.CancellationToken : default,
    };

    private void CheckClasses(IDataView view, string itHas, ClassLabels classes, string parameter)
    {
        Columns.Check(view.Schema);
        var names = ClassLabels.Of(view.Schema[options.LabelColumnName]).Names;
        if (!names.SequenceEqual(classes.Names))
            throw new ArgumentException($"{itHas} the classes {string.Join(", ", names)}; expected those of the training data, {string.Join(", ", classes.Names)}, in this order.", parameter);
    }

    private TrainingOutcome Train(ImageNetwork network, ImageReader reader, ImageReader? validation, ClassLabels classes, int imageCount, Seed seed, IChannel channel)
    {
        var extra = options.ExtraImages is { } images ? Reader(images.Data, reader.Format, _ => true) : null;
        if (extra is not null)
            ExtraImageSource.Named(() => PixelScale.Check(extra));
        var own = options.ExtraImages?.OwnOf(options.BatchSize) ?? options.BatchSize;
        var batches = new BatchReader(reader)
        {
            BatchSize = options.BatchSize,
            Extra = extra is null ? null : new ExtraImageSource(extra),
            ExtraInBatch = options.BatchSize - own,
            Group = options.Group,
            ClassCount = classes.Count,
            Caches = options.CacheImages,
            ShufflePool = options.ShufflePoolSize,
            LookAhead = options.LookAheadBatches,
        };
        using var progressChannel = ((IProgressChannelProvider)host).StartProgressChannel(nameof(ImageClassificationTrainer));
        var progress = new ProgressRelay(channel, progressChannel, options.MetricsCallback);
        var compares = options.Checkpoints is not null || options.ResumeFrom is not null || !options.Group.IsAlone;
        var run = new TrainingRun(network, options, seed, TimeProvider.System)
        {
            Validation = validation is null ? null : new BatchReader(validation) { BatchSize = options.BatchSize, Caches = options.CacheImages, Group = options.Group, HasStandIns = false }.InOrder,
            Data = compares ? string.Join(", and beside them ", new[] { reader, extra }.OfType<ImageReader>().Select(source => DataFingerprint.Of(source, classes))) : "",
            ValidationData = compares && validation is not null ? DataFingerprint.Of(validation, classes) : null,
            Inform = message => channel.Info(default, message),
            Warn = message => channel.Warning(default, message),
        };
        var outcome = run.Train(
            (epoch, firstBatch) => batches.Epoch(epoch, options.Augmentation, seed, firstBatch),
            batchesPerEpoch: (imageCount + own - 1) / own,
            progress,
            options.CancellationToken);
        if (outcome.End == TrainingEnd.Stopped)
            channel.Warning(default, $"Training was stopped before its end; the model is {(outcome.BestEpoch is { } best ? $"that of epoch {best}, the best so far" : options.Averaging is null ? "as the last weight update left it" : "the average so far")}.");
        foreach (var warning in TrainingWarnings.Of(outcome.Epochs))
            channel.Warning(default, warning);
        WarnOfImages(reader.Skipped, batches.ReadsByRank ? OfAllRanks(reader.Black) : reader.Black, $"of {imageCount}", "", channel);
        if (extra is not null)
            WarnOfImages(extra.Skipped, extra.Black, $"of {extra.ReadLabels().Count()}", " of ExtraImages", channel);
        return outcome;
    }

    /// <summary>What all found, each in the images that it read.</summary>
    private (int Count, string? First) OfAllRanks((int Count, string? First) here)
    {
        long[] count = [here.Count];
        options.Group.Sum(count);
        return ((int)count[0], options.Group.Gather(Encoding.UTF8.GetBytes(here.First ?? "")).Select(Encoding.UTF8.GetString).FirstOrDefault(first => first.Length > 0));
    }

    private static void WarnOfImages((int Count, string? First) skipped, (int Count, string? First) black, string ofAll, string whose, IChannel channel)
    {
        if (skipped.Count > 0)
            channel.Warning(default, $"{skipped.Count} {ofAll} rows{whose} were left out because their images cannot be read. The first: {skipped.First}");
        if (black.Count > 0)
            channel.Warning(default, $"{black.Count} {ofAll} images{whose} are black in every pixel, as LoadImages makes of a file that is cut off before its first pixel, and ExtractPixels of one that is transparent throughout. (A file cut off later keeps its upper part, and cannot be told from a picture.) The first: {black.First}");
    }
}
