using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An untrained network of one convolution and one linear layer, without normalisation, as a file: what the library's own layout has no words for.</summary>
internal static class OneConvolution
{
    private const int Filters = 16, Kernel = 3;

    /// <param name="path">Is overwritten.</param>
    /// <param name="image">What it takes.</param>
    /// <param name="classes">How many it tells apart.</param>
    /// <param name="seed">Of its weights.</param>
    public static void Write(string path, ImageShape image, int classes, Seed seed)
    {
        using var scope = NewDisposeScope();
        using var generator = seed.TorchGenerator();
        var (taken, features) = (image.Channels * Kernel * Kernel, Filters * image.Height * image.Width);
        var graph = new OnnxGraph("one convolution");
        graph.Input("images", OnnxGraph.Batch, OnnxGraph.Size(image.Channels), OnnxGraph.Size(image.Height), OnnxGraph.Size(image.Width));
        var kernels = graph.Constant(randn([Filters, image.Channels, Kernel, Kernel], generator: generator).Times(Math.Sqrt(2.0 / taken)));
        var convolved = graph.Add("Conv", ["images", kernels, graph.Constant(new float[Filters])], OnnxGraph.Numbers("pads", 1, 1, 1, 1));
        var flat = graph.Add("Flatten", [graph.Add("Relu", [convolved])]);
        // Small, so that training begins with even scores.
        var weights = graph.Constant(randn([classes, features], generator: generator).Times(0.1 / Math.Sqrt(features)));
        var scores = graph.Add("Gemm", [flat, weights, graph.Constant(new float[classes])], OnnxGraph.Number("transB", 1));
        graph.Publish(scores, "scores", TensorProto.Types.DataType.Float, OnnxGraph.Batch, OnnxGraph.Size(classes));
        var model = new ModelProto { IrVersion = 8, Graph = graph.Proto };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 13 });
        File.WriteAllBytes(path, model.ToByteArray());
    }
}
