using Google.Protobuf;
using Microsoft.ML.Adversarial.Networks;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Onnx;

/// <summary>Writes a frozen network as an ONNX model (IR 8, operator set 17) that also scales the pixels and names the classes.</summary>
internal static class OnnxWriter
{
    private const int IrVersion = 8, OperatorSet = 17, MachineLearningOperatorSet = 2;

    public static byte[] Write(FrozenNetwork network, OnnxInterface names)
    {
        var graph = new OnnxGraph("image classifier");
        var pixels = AddInput(graph, network, names);
        var logits = network.Layers.Aggregate(pixels, (value, layer) => Add(graph, layer, value));
        AddOutputs(graph, network.ClassCount, names, logits);
        AddSlotNames(graph, names);

        return new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Microsoft.ML.Adversarial",
            ProducerVersion = typeof(OnnxWriter).Assembly.GetName().Version?.ToString(3) ?? "",
            Graph = graph.Proto,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OperatorSet },
                new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = MachineLearningOperatorSet },
            },
        }.ToByteArray();
    }

    /// <summary>Brings what the pipeline delivers to [batch, channels, height, width] in [0, 1].</summary>
    private static string AddInput(OnnxGraph graph, FrozenNetwork network, OnnxInterface names)
    {
        var (channels, height, width) = (OnnxGraph.Size(network.Image.Channels), OnnxGraph.Size(network.Image.Height), OnnxGraph.Size(network.Image.Width));
        var batch = names.IsSingleImage ? OnnxGraph.Size(1) : OnnxGraph.Batch;
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
        FrozenConvolution convolution => graph.Add(
            "Conv", [value, graph.Constant(convolution.Weight), graph.Constant(convolution.Bias)],
            OnnxGraph.Numbers("kernel_shape", convolution.Weight.shape[2], convolution.Weight.shape[3]),
            OnnxGraph.Numbers("strides", convolution.Stride, convolution.Stride),
            OnnxGraph.Numbers("pads", [.. Enumerable.Repeat((long)convolution.Padding, 4)])),
        FrozenRelu => graph.Add("Relu", [value]),
        FrozenMaxPool pool => graph.Add(
            "MaxPool", [value],
            OnnxGraph.Numbers("kernel_shape", pool.Kernel, pool.Kernel),
            OnnxGraph.Numbers("strides", pool.Stride, pool.Stride),
            OnnxGraph.Numbers("pads", [.. Enumerable.Repeat((long)pool.Padding, 4)])),
        FrozenResidual residual => graph.Add(
            "Relu", [graph.Add("Add", [AddAll(graph, residual.Main, value), AddAll(graph, residual.Shortcut, value)])]),
        FrozenGlobalPool => graph.Add("Flatten", [graph.Add("GlobalAveragePool", [value])]),
        FrozenLinear linear => graph.Add(
            "Gemm", [value, graph.Constant(linear.Weight), graph.Constant(linear.Bias)], OnnxGraph.Number("transB", 1)),
        _ => throw new NotSupportedException($"The ONNX writer does not know the layer {layer.GetType().Name}."),
    };

    private static string AddAll(OnnxGraph graph, IEnumerable<FrozenLayer> layers, string value) =>
        layers.Aggregate(value, (x, layer) => Add(graph, layer, x));

    private static void AddOutputs(OnnxGraph graph, int classCount, OnnxInterface names, string logits)
    {
        const TensorProto.Types.DataType real = TensorProto.Types.DataType.Float, whole = TensorProto.Types.DataType.Int64;
        var classes = OnnxGraph.Size(classCount);
        var batch = names.IsSingleImage ? OnnxGraph.Size(1) : OnnxGraph.Batch;
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
            Domain = "ai.onnx.ml",
            Name = $"mlnet.{names.Score}.SlotNames",
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
