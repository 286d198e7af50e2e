using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network from an ONNX file, seen to compute what ONNX Runtime computes; one of this library is known by its seal.</summary>
internal sealed class ForeignNetwork : IDisposable
{
    /// <summary>Begins the names of what is added to a file.</summary>
    public const string Added = "added to the file/";

    private const string Planar = Added + "planar", Flat = Added + "flat", Raised = Added + "raised", Logarithm = Added + "logarithm";

    private readonly NetworkFacts facts;

    private ForeignNetwork(OnnxFile file, ForeignInput input, ImportedGraph graph, PixelNormalization pixels, bool isBlueFirst, IReadOnlyList<string> warnings) =>
        (facts, Input, Graph, Pixels, IsBlueFirst, Warnings) = (OnnxFacts.Of(file, graph), input, graph, pixels, isBlueFirst, warnings);

    public ForeignInput Input { get; }

    /// <summary>From what the network takes, in planes, to what it gives.</summary>
    public ImportedGraph Graph { get; }

    public PixelNormalization Pixels { get; }

    public bool IsBlueFirst { get; }

    /// <summary>What a user should know; for people.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <param name="stream">Can be sought.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="options">What a file from elsewhere does not say.</param>
    /// <param name="isClassifier">Whether it must give scores of classes; otherwise any numbers.</param>
    /// <returns>The network; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The options state what a file of this library says itself.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, not understood, or gives something else than ONNX Runtime.</exception>
    public static ForeignNetwork Read(Stream stream, string path, NetworkFileOptions options, bool isClassifier)
    {
        using var memory = FreedMemory.ReturnedAtOnce();
        stream.Position = 0;
        var isOwn = !options.ReadsChangedFiles && Seal.Check(stream, path) is not null;
        stream.Position = 0;
        using var file = OnnxFile.Read(stream, path, Path.GetDirectoryName(Path.GetFullPath(path)));
        if (isOwn)
        {
            options.CheckStatesNothing(path);
            var (image, pixels, logits, names, batch) = OnnxEnds.Read(file);
            var input = new ForeignInput(names.Input, image, names.IsInterleaved ? PixelLayout.Interleaved : PixelLayout.Planar, IsSingle: batch != GraphBatch.Free);
            return new ForeignNetwork(file, input, OnnxImport.Read(file, image, pixels, logits, batch), PixelNormalization.Identical, isBlueFirst: false, []);
        }
        // Only what was cut or changed has lost its seal.
        if (!options.ReadsChangedFiles && file.Model.ProducerName == OnnxWriter.Producer)
            Seal.Demand(stream, path);
        if (options.PreparationPath is not { } preparation)
            return Read(file, options, isClassifier);
        using var first = File.Exists(preparation) ? File.OpenRead(preparation) : throw new FileNotFoundException($"PreparationPath names the file '{preparation}', which does not exist.", preparation);
        using var before = OnnxFile.Read(first, preparation, folder: null);
        var taken = file.PutBefore(before, options.InputName);
        return Read(file, options with { InputName = taken }, isClassifier);
    }

    /// <param name="file">From elsewhere; changed, and not to be used again.</param>
    /// <param name="options">What the file does not say.</param>
    /// <param name="isClassifier">Whether it must give scores of classes; otherwise any numbers.</param>
    /// <returns>The network; the caller disposes it.</returns>
    /// <exception cref="InvalidDataException">The file is not understood, or what was understood gives something else than ONNX Runtime.</exception>
    public static ForeignNetwork Read(OnnxFile file, NetworkFileOptions options, bool isClassifier)
    {
        using var memory = FreedMemory.ReturnedAtOnce();
        var input = ForeignInput.Of(file, options);
        var pixels = options.PixelNormalization ?? PixelNormalization.Identical;
        pixels.CheckFits(input.Image.Channels);
        var runtime = new OnnxRuntimeValues(file, input);
        var begin = input.Name;
        if (input.Layout == PixelLayout.Interleaved)
        {
            begin = Planar;
            file.Graph.Node.Add(Node("Transpose", [begin], input.Name, OnnxGraph.Numbers("perm", 0, 2, 3, 1)));
        }
        var output = options.OutputName ?? OutputOf(file);
        var (scores, isStripped) = WithoutSoftmax(file, output);
        using var check = new OnnxSelfCheck(file, runtime, input.Image, pixels, options.IsBlueFirst, scores);
        List<string> warnings = [];
        var graph = check.Agreeing(batch => OnnxImport.Read(file, input.Image, begin, scores, batch), input.IsSingle, warnings);
        try
        {
            if (isClassifier)
            {
                if (!isStripped && check.AreProbabilities && graph.OutputShape is [> 1])
                {
                    warnings.Add($"The scores of '{file.Name}' are probabilities, and not of a Softmax that could be taken off: their logarithms are used as logits, which lose precision where a probability is near 0.");
                    (scores, graph) = Again(Logarithms(file, scores), graph);
                }
                if (graph.OutputShape is [> 1, .. var rest] && rest.Length > 0 && rest.All(size => size == 1))
                {
                    file.Graph.Node.Add(Node("Flatten", [scores], Flat, OnnxGraph.Number("axis", 1)));
                    (scores, graph) = Again(Flat, graph);
                }
                if (graph.OutputShape is not [>= 2])
                    throw new InvalidDataException($"'{file.Name}': the value '{output}' holds [batch, {string.Join(", ", graph.OutputShape)}]; expected the scores of two classes or more, [batch, classes]. State OutputName in the options where another value holds them.");
            }
            return new ForeignNetwork(file, input, graph, pixels, options.IsBlueFirst, warnings);
        }
        catch
        {
            graph.Dispose();
            throw;
        }

        (string, ImportedGraph) Again(string end, ImportedGraph former)
        {
            former.Dispose();
            return (end, OnnxImport.Read(file, input.Image, begin, end, former.Batch));
        }
    }

    /// <summary>The network as attacks see it: from pixels in [0, 1] to scores.</summary>
    public FrozenNetwork Freeze(Device device)
    {
        List<FrozenLayer> layers = [];
        if (Pixels != PixelNormalization.Identical)
            layers.Add(new PixelLayer(Pixels, device).Freeze(default));
        if (IsBlueFirst)
            layers.Add(new FrozenChannelFlip());
        layers.Add(Graph.Freeze(device));
        return new FrozenNetwork(layers, Input.Image, (int)Graph.OutputShape[0]) { Facts = facts };
    }

    public void Dispose() => Graph.Dispose();

    private static string OutputOf(OnnxFile file) => file.Graph.Output is [var only]
        ? only.Name
        : throw new InvalidDataException($"'{file.Name}' has the outputs [{string.Join(", ", file.Graph.Output.Select(output => output.Name))}]; expected OutputName in the options, or one output.");

    /// <summary>Losses are of the scores before a final Softmax, which is left out.</summary>
    private static (string Scores, bool IsStripped) WithoutSoftmax(OnnxFile file, string output)
    {
        var scores = output;
        var isStripped = false;
        var producers = file.Graph.Node.SelectMany(node => node.Output.Select(made => (made, node))).DistinctBy(pair => pair.made).ToDictionary(pair => pair.made, pair => pair.node, StringComparer.Ordinal);
        // Each once: a circle is refused where the graph is read.
        while (producers.Remove(scores, out var node) && node.Input.Count == 1 && (node.OpType is "Identity" || node.OpType is "Softmax" && IsOfClasses(node)))
        {
            scores = node.Input[0];
            isStripped |= node.OpType is "Softmax";
        }
        return (scores, isStripped);

        bool IsOfClasses(NodeProto node) => node.Attribute.FirstOrDefault(attribute => attribute.Name == "axis")?.I is null or 1 or -1;
    }

    /// <summary>log(p + tiny): a softmax of it is p.</summary>
    private static string Logarithms(OnnxFile file, string scores)
    {
        var tiny = new TensorProto { Name = Added + "tiny", DataType = (int)TensorProto.Types.DataType.Float, FloatData = { 1e-30f } };
        file.Graph.Initializer.Add(tiny);
        file.Graph.Node.Add(Node("Add", [scores, tiny.Name], Raised));
        file.Graph.Node.Add(Node("Log", [Raised], Logarithm));
        return Logarithm;
    }

    private static NodeProto Node(string operation, IEnumerable<string> inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = Added + operation, Output = { output } };
        node.Input.AddRange(inputs);
        node.Attribute.AddRange(attributes);
        return node;
    }
}
