using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>Kernels are laid out anew where they lie: of a large file there never are two of all.</summary>
public class OnnxKernelsTests
{
    private const int Outputs = 640;

    [Fact]
    public void The_file_the_graph_and_what_is_frozen_of_it_share_kernels_and_a_pixel_has_its_channels_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var file = File();

        using var foreign = ForeignNetwork.Read(file, new NetworkFileOptions(), isClassifier: true);
        using var frozen = foreign.Freeze(CPU);

        var layer = Assert.IsType<FrozenGraph>(Assert.Single(frozen.Layers));
        Tensor[] kernels = [Assert.Single(file.Numbers).Value, Assert.Single(foreign.Graph.Constants.OfType<Tensor>()), Assert.Single(layer.Constants.OfType<Tensor>())];
        Assert.All(kernels, own => Assert.Equal([Outputs, 3, 3, 3], own.shape));
        Assert.All(kernels, own => Assert.Equal([27, 1, 9, 3], own.stride()));
        Assert.All(kernels, own => Assert.True(AreSameMemory(kernels[0], own)));
    }

    [Fact]
    public void ONNX_Runtime_gives_the_same_scores_before_and_after()
    {
        using var scope = NewDisposeScope();
        using var file = File();
        var runtime = new OnnxRuntimeValues(file, ForeignInput.Of(file, new NetworkFileOptions()));
        using var graph = OnnxImport.Read(file, new ImageShape(3, 8, 8), "images", "scores");
        var images = rand(2, 3, 8, 8);
        var before = runtime.Of(images, ["scores"])["scores"];

        OnnxKernels.LayOut(file, graph);

        Assert.Equal([27, 1, 9, 3], Assert.Single(file.Numbers).Value.stride());
        Assert.True(before.Equals(runtime.Of(images, ["scores"])["scores"]));
    }

    [Fact]
    public void Kernels_of_half_the_precision_stay_in_the_file_as_it_has_them()
    {
        using var scope = NewDisposeScope();
        using var file = OnnxFile.Read(new MemoryStream(Model(TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(Numbers(2 * Outputs).Select(number => (Half)number).ToArray().AsSpan()), 2 * Outputs).ToByteArray()), "model", folder: null);
        using var graph = OnnxImport.Read(file, new ImageShape(3, 8, 8), "images", "scores");
        var before = Assert.Single(file.Numbers).Value.bytes.ToArray();

        OnnxKernels.LayOut(file, graph);

        Assert.Equal(before, Assert.Single(file.Numbers).Value.bytes.ToArray());
        Assert.Equal([27, 1, 9, 3], Assert.Single(graph.Constants.OfType<Tensor>()).stride());
    }

    private static bool AreSameMemory(Tensor first, Tensor second) =>
        Unsafe.AreSame(ref MemoryMarshal.GetReference(first.permute(0, 2, 3, 1).bytes), ref MemoryMarshal.GetReference(second.permute(0, 2, 3, 1).bytes));

    private static OnnxFile File() => OnnxFile.Read(new MemoryStream(Model(TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(Numbers(Outputs).AsSpan()), Outputs).ToByteArray()), "model", folder: null);

    private static float[] Numbers(int outputs) => [.. Enumerable.Range(0, 27 * outputs).Select(index => (float)Math.Sin(index))];

    /// <summary>One convolution, large enough for its numbers to be kept beside the model, and the mean of each of its channels.</summary>
    private static ModelProto Model(TensorProto.Types.DataType type, ReadOnlySpan<byte> numbers, int outputs)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange([OnnxGraph.Batch, OnnxGraph.Size(3), OnnxGraph.Size(8), OnnxGraph.Size(8)]);
        return new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Version = 13 } },
            Graph = new GraphProto
            {
                Name = "graph",
                Node =
                {
                    new NodeProto { OpType = "Conv", Input = { "images", "kernels" }, Output = { "convolved" } },
                    new NodeProto { OpType = "GlobalAveragePool", Input = { "convolved" }, Output = { "pooled" } },
                    new NodeProto { OpType = "Flatten", Input = { "pooled" }, Output = { "scores" } },
                },
                Initializer = { new TensorProto { Name = "kernels", DataType = (int)type, Dims = { outputs, 3, 3, 3 }, RawData = ByteString.CopyFrom(numbers) } },
                Input = { new ValueInfoProto { Name = "images", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = sizes } } } },
                Output = { new ValueInfoProto { Name = "scores" } },
            },
        };
    }
}
