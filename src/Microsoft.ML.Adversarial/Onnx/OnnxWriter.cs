using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Writes a frozen network as an ONNX model (IR 8, operator set 17) that also scales the pixels and names the classes.</summary>
internal static class OnnxWriter
{
    public const int IrVersion = 8, OperatorSet = 17, MachineLearningOperatorSet = 2;

    public const string Producer = "Microsoft.ML.Adversarial";

    public const string MachineLearningDomain = "ai.onnx.ml";

    /// <summary>The note on the image domain among the model's metadata.</summary>
    public const string DomainKey = "image domain";

    /// <summary>The note on a network that takes one image at a time, whose file does as well.</summary>
    public const string BatchKey = "batch";

    /// <summary>Protocol buffers end at 2^31 - 1 bytes; everything but the weights takes far less than the difference.</summary>
    private const long LargestWeights = int.MaxValue - (32L << 20);

    /// <summary>Call it before training: an exported network is the only form in which a model is scored and saved.</summary>
    /// <exception cref="NotSupportedException">The weights do not fit into an ONNX file.</exception>
    public static void CheckFits(ImageNetwork network)
    {
        var bytes = network.parameters().Sum(parameter => parameter.numel() * sizeof(float));
        if (bytes > LargestWeights)
            throw new NotSupportedException(
                FormattableString.Invariant($"{network.Architecture} has {bytes / 1e9:f1} GB of weights; expected at most {LargestWeights / 1e9:f1} GB, which is what an ONNX file holds. Lower Depth or Width."));
    }

    public static byte[] Write(FrozenNetwork network, OnnxInterface names)
    {
        var graph = new OnnxGraph("image classifier");
        var pixels = AddInput(graph, network, names);
        var logits = network.Layers.Aggregate(pixels, (value, layer) => Add(graph, layer, value));
        AddOutputs(graph, network, names, logits);
        AddSlotNames(graph, names);

        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = Producer,
            ProducerVersion = typeof(OnnxWriter).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = graph.Proto,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OperatorSetOf(network) },
                new OperatorSetIdProto { Domain = MachineLearningDomain, Version = MachineLearningOperatorSet },
            },
        };
        if (names.Domain is { } domain)
            model.MetadataProps.Add(new StringStringEntryProto { Key = DomainKey, Value = $"{domain}" });
        if (BatchOf(network) != GraphBatch.Free)
            model.MetadataProps.Add(new StringStringEntryProto { Key = BatchKey, Value = $"{BatchOf(network)}" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "seal", Value = Seal.Blank });
        var bytes = model.ToByteArray();
        using var file = new MemoryStream(bytes);
        Seal.Set(file);
        return bytes;
    }

    /// <summary>An imported graph keeps the version that it was written for; what is added to it has the same meaning in all of them.</summary>
    private static long OperatorSetOf(FrozenNetwork network) =>
        network.Layers.OfType<FrozenGraph>().SelectMany(graph => graph.Plan.Steps).Select(step => step.Operation).OfType<OnnxOperation>().FirstOrDefault()?.OperatorSet ?? OperatorSet;

    private static GraphBatch BatchOf(FrozenNetwork network) => network.Layers.OfType<FrozenGraph>().Select(graph => graph.Batch).DefaultIfEmpty(GraphBatch.Free).Max();

    /// <summary>The name by which ML.NET's scorer finds the label encoder with an output's slot names.</summary>
    public static string SlotNamesOf(string output) => $"mlnet.{output}.SlotNames";

    /// <summary>Brings what the pipeline delivers to [batch, channels, height, width] in [0, 1].</summary>
    private static string AddInput(OnnxGraph graph, FrozenNetwork network, OnnxInterface names)
    {
        var (channels, height, width) = (OnnxGraph.Size(network.Image.Channels), OnnxGraph.Size(network.Image.Height), OnnxGraph.Size(network.Image.Width));
        var batch = names.IsSingleImage || BatchOf(network) != GraphBatch.Free ? OnnxGraph.Size(1) : OnnxGraph.Batch;
        var value = names.Input;
        if (names.IsInterleaved)
        {
            graph.Input(names.Input, batch, height, width, channels);
            value = graph.Add("Transpose", [value], OnnxGraph.Numbers("perm", 0, 3, 1, 2));
        }
        else
        {
            graph.Input(names.Input, batch, channels, height, width);
        }
        if (names.PixelMinimum != 0)
            value = graph.Add("Sub", [value, graph.Constant(names.PixelMinimum)]);
        return names.PixelSpan == 1 ? value : graph.Add("Div", [value, graph.Constant(names.PixelSpan)]);
    }

    private static string Add(OnnxGraph graph, FrozenLayer layer, string value) => layer switch
    {
        FrozenScale scale => graph.Add("Add", [graph.Add("Mul", [value, graph.Constant(scale.Scale)]), graph.Constant(scale.Shift)]),
        FrozenChannelScale scale => graph.Add("Add", [graph.Add("Mul", [value, graph.Constant(scale.Scale)]), graph.Constant(scale.Shift)]),
        FrozenConvolution convolution => graph.Add(
            "Conv", [value, .. convolution.Tensors.Select(graph.Constant)],
            OnnxGraph.Numbers("kernel_shape", convolution.Weight.shape[2], convolution.Weight.shape[3]),
            OnnxGraph.Numbers("strides", convolution.Stride, convolution.Stride),
            OnnxGraph.Numbers("pads", [.. Enumerable.Repeat((long)convolution.Padding, 4)])),
        FrozenGroupNormalization group => AddGroupNormalization(graph, group, value),
        FrozenChannelFlip => graph.Add("Gather", [value, graph.Constant([2, 1, 0])], OnnxGraph.Number("axis", 1)),
        FrozenActivation { Activation: Activation.Silu } => graph.Add("Mul", [value, graph.Add("Sigmoid", [value])]),
        FrozenActivation activation => graph.Add($"{activation.Activation}", [value]),
        FrozenPadding { Borders: var borders } => graph.Add("Pad", [value, graph.Constant([0, 0, borders.Top, borders.Left, 0, 0, borders.Bottom, borders.Right])]),
        FrozenMaxPool pool => graph.Add(
            "MaxPool", [value],
            OnnxGraph.Numbers("kernel_shape", pool.Kernel, pool.Kernel),
            OnnxGraph.Numbers("strides", pool.Stride, pool.Stride),
            OnnxGraph.Numbers("pads", [.. Enumerable.Repeat((long)pool.Padding, 4)])),
        FrozenResidual residual => graph.Add("Add", [AddAll(graph, residual.Main, value), AddAll(graph, residual.Shortcut, value)]),
        FrozenGraph imported => OnnxGraphWriter.Add(graph, imported, value, Add),
        FrozenGlobalPool => graph.Add("Flatten", [graph.Add("GlobalAveragePool", [value])]),
        FrozenLinear linear => graph.Add(
            "Gemm", [value, graph.Constant(linear.Weight), graph.Constant(linear.Bias)], OnnxGraph.Number("transB", 1)),
        _ => throw new NotSupportedException($"The ONNX writer does not know the layer {layer.GetType().Name}."),
    };

    /// <summary>
    /// Instance normalisation of [batch, groups, everything in a group], then the affine map: operator set 17 has no group normalisation of its own.
    /// </summary>
    private static string AddGroupNormalization(OnnxGraph graph, FrozenGroupNormalization group, string value)
    {
        float[] scales = [.. Enumerable.Repeat(1f, group.Groups)], shifts = new float[group.Groups];
        var grouped = graph.Add("Reshape", [value, graph.Constant([0, group.Groups, -1])]);
        var normalized = graph.Add(
            "InstanceNormalization", [grouped, graph.Constant(scales), graph.Constant(shifts)], OnnxGraph.Number("epsilon", (float)group.Epsilon));
        var restored = graph.Add("Reshape", [normalized, graph.Add("Shape", [value])]);
        using var scope = NewDisposeScope();
        var scaled = graph.Add("Mul", [restored, graph.Constant(group.Scale.view(-1, 1, 1))]);
        return graph.Add("Add", [scaled, graph.Constant(group.Shift.view(-1, 1, 1))]);
    }

    private static string AddAll(OnnxGraph graph, IEnumerable<FrozenLayer> layers, string value) =>
        layers.Aggregate(value, (x, layer) => Add(graph, layer, x));

    private static void AddOutputs(OnnxGraph graph, FrozenNetwork network, OnnxInterface names, string logits)
    {
        const TensorProto.Types.DataType real = TensorProto.Types.DataType.Float, whole = TensorProto.Types.DataType.Int64;
        var (classCount, classes) = (network.ClassCount, OnnxGraph.Size(network.ClassCount));
        var batch = names.IsSingleImage || BatchOf(network) != GraphBatch.Free ? OnnxGraph.Size(1) : OnnxGraph.Batch;
        var score = graph.Add("Softmax", [logits], OnnxGraph.Number("axis", 1));
        var index = graph.Add("ArgMax", [logits], OnnxGraph.Number("axis", 1), OnnxGraph.Number("keepdims", 0));
        if (names.Logits is { } logitsName)
            graph.Publish(logits, logitsName, real, batch, classes);
        if (names.IsSingleImage)
            graph.Publish(graph.Add("Reshape", [score, graph.Constant([classCount])]), names.Score, real, classes);
        else
            graph.Publish(score, names.Score, real, batch, classes);
        graph.Publish(index, names.PredictedIndex, whole, batch);
    }

    /// <summary>
    /// ML.NET's scorer reads an output's slot names from a label encoder of this name; its own output is used by nobody.
    /// </summary>
    private static void AddSlotNames(OnnxGraph graph, OnnxInterface names)
    {
        var text = new TensorProto { Name = "network/slot_name_input", DataType = (int)TensorProto.Types.DataType.String, Dims = { 1 } };
        text.StringData.Add(ByteString.CopyFromUtf8(names.ClassNames[0]));
        graph.Proto.Initializer.Add(text);
        graph.Proto.Node.Add(new NodeProto
        {
            OpType = "LabelEncoder",
            Domain = MachineLearningDomain,
            Name = SlotNamesOf(names.Score),
            Input = { text.Name },
            Output = { "network/slot_name_output" },
            Attribute =
            {
                OnnxGraph.Texts("keys_strings", names.ClassNames),
                OnnxGraph.Numbers("values_int64s", [.. Enumerable.Range(0, names.ClassNames.Count).Select(index => (long)index)]),
            },
        });
    }
}
