using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Pipelines as ML.NET's own users have them: ONNX graphs that prepare pixels and make features of them, and a trainer of ML.NET's.</summary>
internal static class FeaturePipelines
{
    public const string Pixels = "Raw";

    private const int Channels = 4, Halves = 2;

    private static readonly ImageShape Image = new(3, ToyPictures.Size, ToyPictures.Size);

    /// <summary>From paths to the column that the first graph takes, in 0..255.</summary>
    public static IEstimator<ITransformer> Images(MLContext ml) =>
        ml.Transforms.LoadImages("Image", "", "Path")
            .Append(ml.Transforms.ResizeImages("Image", ToyPictures.Size, ToyPictures.Size))
            .Append(ml.Transforms.ExtractPixels(Pixels, "Image"));

    /// <summary>Two graphs, the columns renamed between them as DnnFeaturizeImage does, and the label made a key behind them.</summary>
    public static IEstimator<ITransformer> Features(MLContext ml) =>
        Images(ml)
            .Append(Onnx(ml, Preparation(), Pixels, "Prepared"))
            .Append(ml.Transforms.CopyColumns("Given", "Prepared"))
            .Append(Onnx(ml, Featurizer(), "Given", "Pooled"))
            .Append(ml.Transforms.Concatenate("Features", "Pooled"))
            .Append(ml.Transforms.Conversion.MapValueToKey("Label"));

    /// <summary>One graph that ends in a softmax.</summary>
    public static IEstimator<ITransformer> Classifier(MLContext ml) => Images(ml).Append(Onnx(ml, Classifying(), Pixels, "Probabilities")).Append(ml.Transforms.Conversion.MapValueToKey("Label"));

    public static IEstimator<ITransformer> Onnx(MLContext ml, ModelProto model, string input, string output)
    {
        using var stream = new MemoryStream(model.ToByteArray());
        return ml.Transforms.ApplyOnnxModel([output], [input], stream);
    }

    /// <summary>float32 [images, 3, size, size] in [0, 1].</summary>
    public static Tensor ImagesIn(IDataView view)
    {
        var pixels = view.GetColumn<float[]>(Pixels).ToArray();
        return tensor(pixels.SelectMany(row => row).Select(value => value / 255).ToArray(), [pixels.Length, Image.Channels, Image.Height, Image.Width]);
    }

    private static ModelProto Preparation()
    {
        var graph = Begin(Pixels, OnnxGraph.Size(1));
        var mean = graph.Constant(zeros(1, Image.Channels, Image.Height, Image.Width).Plus(127));
        return End(graph, graph.Add("Sub", [Pixels, mean]), "Prepared", OnnxGraph.Size(1), Image.Channels, Image.Height, Image.Width);
    }

    private static ModelProto Featurizer()
    {
        var graph = Begin("Given", OnnxGraph.Size(1));
        return End(graph, Pooled(graph, "Given"), "Pooled", OnnxGraph.Size(1), Channels, Halves, Halves);
    }

    private static ModelProto Classifying()
    {
        var graph = Begin(Pixels, OnnxGraph.Batch);
        var features = graph.Add("Flatten", [Pooled(graph, Pixels)], OnnxGraph.Number("axis", 1));
        var logits = graph.Add("Gemm", [features, graph.Constant(Random([3, Channels * Halves * Halves], 0.2, "head"))], OnnxGraph.Number("transB", 1));
        return End(graph, graph.Add("Softmax", [logits], OnnxGraph.Number("axis", 1)), "Probabilities", OnnxGraph.Batch, 3);
    }

    private static string Pooled(OnnxGraph graph, string input)
    {
        using var scope = NewDisposeScope();
        var convolved = graph.Add("Conv", [input, graph.Constant(Random([Channels, Image.Channels, 3, 3], 0.01, "kernels"))], OnnxGraph.Numbers("pads", 1, 1, 1, 1));
        var rectified = graph.Add("Relu", [convolved]);
        return graph.Add("AveragePool", [rectified], OnnxGraph.Numbers("kernel_shape", 6, 6), OnnxGraph.Numbers("strides", 6, 6));
    }

    private static Tensor Random(long[] shape, double deviation, string name)
    {
        using var generator = new Seed(4).For(name).TorchGenerator();
        return randn(shape, generator: generator).Times(deviation);
    }

    private static OnnxGraph Begin(string input, TensorShapeProto.Types.Dimension batch)
    {
        var graph = new OnnxGraph("features");
        graph.Input(input, batch, OnnxGraph.Size(Image.Channels), OnnxGraph.Size(Image.Height), OnnxGraph.Size(Image.Width));
        return graph;
    }

    private static ModelProto End(OnnxGraph graph, string value, string output, TensorShapeProto.Types.Dimension batch, params int[] sizes)
    {
        graph.Publish(value, output, TensorProto.Types.DataType.Float, [batch, .. sizes.Select(size => OnnxGraph.Size(size))]);
        // Only files of this library have such names inside.
        foreach (var initializer in graph.Proto.Initializer)
            initializer.Name = Renamed(initializer.Name);
        foreach (var names in graph.Proto.Node.SelectMany(node => new[] { node.Input, node.Output }))
            for (var i = 0; i < names.Count; i++)
                names[i] = Renamed(names[i]);
        return new ModelProto { IrVersion = 8, Graph = graph.Proto, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 13 } } };

        static string Renamed(string name) => name.Replace("network/", "elsewhere/", StringComparison.Ordinal);
    }
}
