using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>A model is read as protobuf would read it, but for large constants, which go straight to torch's memory.</summary>
public class OnnxParserTests
{
    private const int Count = 40_000;

    private static readonly float[] Numbers = [.. Enumerable.Range(0, Count).Select(index => (float)Math.Sin(index))];

    public static TheoryData<string> Listings => ["as bytes", "as a list"];

    [Theory]
    [MemberData(nameof(Listings))]
    public void Large_constants_come_with_the_numbers_of_the_file_and_are_no_arrays_of_dotnet(string listing)
    {
        using var stream = new MemoryStream(Model(listing).ToByteArray());
        using (OnnxFile.Read(stream, "warm", folder: null))
        {
        }
        stream.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();

        using var file = OnnxFile.Read(stream, "model", folder: null);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Count);
        using var read = new OnnxTensors(file).Read(file.Graph.Initializer[1]);
        Assert.Equal([200, 200], read.shape);
        Assert.Equal(Numbers, read.data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Listings))]
    public void Everything_else_is_as_protobuf_reads_it(string listing)
    {
        var model = Model(listing);
        using var file = OnnxFile.Read(new MemoryStream(model.ToByteArray()), "model", folder: null);

        model.Graph.Initializer[1].RawData = ByteString.Empty;
        model.Graph.Initializer[1].FloatData.Clear();
        Assert.Equal(model, file.Model);
        Assert.Same(file.Graph.Initializer[1], Assert.Single(file.Numbers).Key);
    }

    [Theory]
    [MemberData(nameof(Listings))]
    public void A_file_that_was_cut_short_anywhere_is_refused_and_leaves_nothing(string listing)
    {
        var bytes = Model(listing).ToByteArray();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        // Where a field of the model itself ends, the rest is a model, too.
        for (var length = bytes.Length - 30; length > 30; length -= Math.Max(1, length / 50))
            Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => OnnxFile.Read(new MemoryStream(bytes[..length]), "model", folder: null)).Message, StringComparison.Ordinal);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Numbers_in_several_pieces_are_refused()
    {
        var constant = Model("as bytes").Graph.Initializer[1].ToByteArray();
        // What follows a message belongs to it: the same constant twice is one with two pieces.
        using var written = new MemoryStream();
        using (var output = new CodedOutputStream(written, leaveOpen: true))
        {
            output.WriteUInt64((7 << 3) | 2);
            using var inner = new MemoryStream();
            using (var fields = new CodedOutputStream(inner, leaveOpen: true))
            {
                fields.WriteUInt64((5 << 3) | 2);
                fields.WriteBytes(ByteString.CopyFrom([.. constant, .. constant]));
            }
            output.WriteBytes(ByteString.CopyFrom(inner.ToArray()));
        }
        written.Position = 0;

        var refused = Assert.Throws<InvalidDataException>(() => OnnxFile.Read(written, "model", folder: null));

        Assert.Equal("'model' has the numbers of a constant in several pieces; expected all of them together.", refused.Message);
    }

    [Fact]
    public void Half_precision_and_whole_numbers_are_read_from_large_constants_as_well()
    {
        var (halves, whole) = (Numbers.Select(number => (Half)number).ToArray(), Enumerable.Range(0, Count).Select(index => (long)index << 20).ToArray());
        var graph = new GraphProto
        {
            Initializer =
            {
                Constant("halves", TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(halves.AsSpan()), Count),
                Constant("whole", TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(whole.AsSpan()), Count),
            },
        };
        using var file = OnnxFile.Read(new MemoryStream(new ModelProto { Graph = graph }.ToByteArray()), "model", folder: null);
        var tensors = new OnnxTensors(file);

        using var first = tensors.Read(file.Graph.Initializer[0]);
        using var second = tensors.Read(file.Graph.Initializer[1]);

        Assert.Equal(halves.Select(half => (float)half), first.data<float>().ToArray());
        Assert.Equal(whole, second.data<long>().ToArray());
    }

    private static ModelProto Model(string listing)
    {
        var large = Constant("large", TensorProto.Types.DataType.Float, listing == "as bytes" ? MemoryMarshal.AsBytes(Numbers.AsSpan()) : [], 200, 200);
        if (listing != "as bytes")
            large.FloatData.AddRange(Numbers);
        return new ModelProto
        {
            IrVersion = 8,
            ProducerName = "elsewhere",
            OpsetImport = { new OperatorSetIdProto { Version = 13 } },
            MetadataProps = { new StringStringEntryProto { Key = "key", Value = "value" } },
            Graph = new GraphProto
            {
                Name = "graph",
                Node = { new NodeProto { OpType = "MatMul", Name = "product", Input = { "input", "large" }, Output = { "output" }, Attribute = { new AttributeProto { Name = "alpha", F = 0.5f, Type = AttributeProto.Types.AttributeType.Float } } } },
                Initializer = { Constant("small", TensorProto.Types.DataType.Float, [0, 0, 128, 63], 1), large, new TensorProto { Name = "listed", DataType = (int)TensorProto.Types.DataType.Double, Dims = { 2 }, DoubleData = { 1, 2 } } },
            },
        };
    }

    private static TensorProto Constant(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params long[] sizes) =>
        new() { Name = name, DataType = (int)type, Dims = { sizes }, RawData = ByteString.CopyFrom(bytes) };
}
