using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What a deployed file holds.</summary>
/// <param name="Network">Read back; its owner disposes it.</param>
/// <param name="Interface">The names of the graph's ends.</param>
/// <param name="Scoring">What maps rows to scores; its owner disposes it where it was made.</param>
/// <param name="Preparation">The first stages of that, up to the one that runs the network.</param>
internal sealed record DeployedModel(FrozenNetwork Network, OnnxInterface Interface, Lazy<ITransformer> Scoring, IReadOnlyList<ITransformer> Preparation)
{
    public PixelVectorFormat Format => FormatOf(Network, Interface);

    /// <summary>Whether what scores is freed with the network.</summary>
    public bool OwnsScoring { get; init; } = true;

    /// <param name="ml">Loads what is around the network.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">What a file from elsewhere does not say.</param>
    /// <param name="device">Where the network is to be.</param>
    /// <param name="warn">Gets what a user should know.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds no network, or none that is understood.</exception>
    public static DeployedModel Read(MLContext ml, string path, NetworkFileOptions options, Device device, Action<string> warn)
    {
        using var stream = FileVerification.Open(path);
        if (!FileVerification.IsZip(stream))
            return ReadOnnx(stream, path, options, device, warn);
        options.CheckStatesNothing(path);
        return ReadZip(ml, stream, path, device);
    }

    private static DeployedModel ReadOnnx(Stream stream, string path, NetworkFileOptions options, Device device, Action<string> warn)
    {
        if (!options.ReadsChangedFiles && Seal.Check(stream, path) is not null)
        {
            options.CheckStatesNothing(path);
            return Complete(OnnxReader.Read(stream, path, device), path);
        }
        using var foreign = ForeignNetwork.Read(stream, path, options, isClassifier: true);
        foreach (var warning in foreign.Warnings)
            warn(warning);
        var network = foreign.Freeze(device);
        return Complete((network, Describe(foreign, network, options, path)), path);
    }

    /// <summary>As this library would have named it.</summary>
    public static OnnxInterface Describe(ForeignNetwork foreign, FrozenNetwork network, NetworkFileOptions options, string path)
    {
        var names = options.ClassNames ?? [.. Enumerable.Range(0, network.ClassCount).Select(index => index.ToString(CultureInfo.InvariantCulture))];
        if (names.Count != network.ClassCount || names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            network.Dispose();
            throw new InvalidDataException($"'{path}' tells {network.ClassCount} classes apart, and ClassNames has {names.Count} names, {names.Distinct(StringComparer.Ordinal).Count()} of them different; expected one for each class.");
        }
        return new OnnxInterface
        {
            Input = options.FeatureColumnName,
            IsInterleaved = foreign.Input.Layout == PixelLayout.Interleaved,
            PixelMinimum = options.PixelRange.Minimum,
            PixelSpan = options.PixelRange.Span,
            Score = ScoringChain.Score,
            PredictedIndex = ScoringChain.Index,
            ClassNames = names,
            Domain = ImageDomain.Clean,
        };
    }

    private static DeployedModel Complete((FrozenNetwork Network, OnnxInterface Interface) read, string path) =>
        Guarded(read, path, (network, names) =>
        {
            // ML.NET has no key for an empty text.
            if (names.ClassNames.Contains(""))
                throw new InvalidDataException($"'{path}' has a class without a name; expected a name for each to make keys of.");
            var type = new VectorDataViewType(NumberDataViewType.Single, FormatOf(network, names).Dimensions);
            var forScoring = names with { Logits = null, Score = ScoringChain.Score, PredictedIndex = ScoringChain.Index, IsSingleImage = true };
            // Whoever attacks the network alone needs no second copy of it in ONNX Runtime.
            return new DeployedModel(network, names, new Lazy<ITransformer>(() => CreateScoring(OnnxWriter.Write(network, forScoring), names, type, path)), []);
        });

    /// <summary>ML.NET and ONNX Runtime say in several types of exceptions that they do not take a graph, as where a node has an attribute that is none of its operator.</summary>
    private static ITransformer CreateScoring(byte[] onnx, OnnxInterface names, DataViewType type, string path)
    {
        try
        {
            return ScoringChain.Create(onnx, names.Input, type, ClassLabels.OfNames(names.ClassNames));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new InvalidDataException($"ONNX Runtime cannot run the network of '{path}': {exception.Message.Split('\n')[0]}", exception);
        }
    }

    private static DeployedModel ReadZip(MLContext ml, Stream stream, string path, Device device) =>
        Guarded(ReadGraphInZip(stream, path, device), path, (network, names) =>
        {
            stream.Position = 0;
            var model = LoadModel(ml, stream, path);
            var stages = EvaluatedModel.Flatten(model).ToList();
            var scorers = stages.Count(stage => stage is OnnxTransformer);
            if (scorers != 1)
            {
                (model as IDisposable)?.Dispose();
                throw new InvalidDataException($"'{path}' has {scorers} stages that are an OnnxTransformer, among {string.Join(", ", stages.Select(stage => stage.GetType().Name))}; expected one.");
            }
            return new DeployedModel(network, names, new Lazy<ITransformer>(model), [.. stages.TakeWhile(stage => stage is not OnnxTransformer)]);
        });

    private static (FrozenNetwork Network, OnnxInterface Interface) ReadGraphInZip(Stream stream, string path, Device device)
    {
        var (content, name) = ModelZip.Graph(stream, path);
        Seal.Demand(content, name);
        return OnnxReader.Read(content, name, device);
    }

    /// <summary>ML.NET's loader says in many types of exceptions that a file is damaged.</summary>
    private static ITransformer LoadModel(MLContext ml, Stream stream, string path)
    {
        // The GPU that torch uses is no reason to demand one of ONNX Runtime, whose usual package has none.
        var gpu = ml.GpuDeviceId;
        try
        {
            ml.GpuDeviceId = null;
            return ml.Model.Load(stream, out _);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new InvalidDataException($"ml.Model.Load cannot read '{path}': {exception.Message}", exception);
        }
        finally
        {
            ml.GpuDeviceId = gpu;
        }
    }

    /// <summary>Frees the network where what follows fails.</summary>
    private static DeployedModel Guarded((FrozenNetwork Network, OnnxInterface Interface) read, string path, Func<FrozenNetwork, OnnxInterface, DeployedModel> complete)
    {
        try
        {
            if (ImageClassificationTransformer.OutputNames.Contains(read.Interface.Input))
                throw new InvalidDataException($"'{path}' takes its images from '{read.Interface.Input}', as an output of the model is named; expected another name than {string.Join(", ", ImageClassificationTransformer.OutputNames)}.");
            return complete(read.Network, read.Interface);
        }
        catch
        {
            read.Network.Dispose();
            throw;
        }
    }

    private static PixelVectorFormat FormatOf(FrozenNetwork network, OnnxInterface names) => new(
        network.Image,
        names.IsInterleaved ? PixelLayout.Interleaved : PixelLayout.Planar,
        new PixelRange(names.PixelMinimum, names.PixelMinimum + names.PixelSpan));
}
