using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign;
using TorchSharp;
using static Microsoft.ML.Adversarial.Onnx.Format.TensorProto.Types;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>Files from elsewhere that are not understood are refused with the file, the node, what was expected and what came.</summary>
public sealed class ForeignGraphTests : IDisposable
{
    private const string Name = "folder/some.onnx", BlackBox = "EvaluateBlackBox on a pipeline with ApplyOnnxModel";

    private readonly string folder = Directory.CreateTempSubdirectory("foreign-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_file_that_the_others_are_made_of_is_read()
    {
        using var foreign = Read(ForeignNetworks.Model("letters"));

        Assert.Equal([ForeignGraph.ClassCount], foreign.Graph.OutputShape);
    }

    [Fact]
    public void All_operators_that_are_not_understood_are_named_at_once_with_what_can_be_done_instead()
    {
        IsRefused(
            model =>
            {
                ForeignGraph.InFront(model, "NonZero");
                ForeignGraph.InFront(model, "LSTM");
                ForeignGraph.Node(model, "Conv").Domain = "com.microsoft";
            },
            "LSTM, NonZero, com.microsoft.Conv", BlackBox);
        IsRefused(
            model =>
            {
                for (var i = 0; i < 14; i++)
                    ForeignGraph.InFront(model, $"Strange{i:d2}");
            },
            "Strange00, Strange01", "Strange11 and 2 more");
    }

    [Fact]
    public void Nodes_that_do_not_lead_to_the_scores_may_be_anything() =>
        Read(ForeignGraph.Changed(model => model.Graph.Node.Add(new NodeProto { OpType = "NonZero", Input = { "nothing" }, Output = { "unused" } }))).Dispose();

    /// <summary>What differs from ONNX Runtime's scores would be refused.</summary>
    [Fact]
    public void Normalizations_behind_each_other_are_folded_only_where_nobody_needs_what_is_between()
    {
        Read(ForeignGraph.Changed(model => ForeignGraph.Normalize(model, "Conv", times: 3, adds: false))).Dispose();
        Read(ForeignGraph.Changed(model => ForeignGraph.Normalize(model, "Conv", times: 2, adds: true))).Dispose();
    }

    [Fact]
    public void A_graph_that_feeds_on_itself_is_refused()
    {
        IsRefused(model => ForeignGraph.Node(model, "Conv").Input[0] = model.Graph.Output[0].Name, "needs its own output", "without circles");
        IsRefused(model => model.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "round" }, Output = { "round" } }), new NetworkFileOptions { OutputName = "round" }, "needs its own output 'round'");
    }

    [Fact]
    public void Values_that_are_made_twice_or_by_nothing_are_refused()
    {
        IsRefused(model => ForeignGraph.Node(model, "Tanh").Output[0] = ForeignGraph.Node(model, "Conv").Output[0], "is made twice");
        IsRefused(model => ForeignGraph.Node(model, "Tanh").Output[0] = model.Graph.Initializer[0].Name, "is made twice");
        IsRefused(model => model.Graph.Initializer.Add(model.Graph.Initializer[0].Clone()), "there are two initializers");
        IsRefused(model => ForeignGraph.Node(model, "Tanh").Output.Add(ForeignGraph.Input), "is what the graph takes, and is made in it as well");
        IsRefused(model => ForeignGraph.Node(model, "Tanh").Input[0] = "nobody's", "(Tanh) needs the value 'nobody's', which nothing makes");
        IsRefused(model => model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1), "the output needs the value", "which nothing makes");
        IsRefused(model => ForeignGraph.Node(model, "Tanh").Output.Clear(), "needs the value");
    }

    [Theory]
    [InlineData("Conv")]
    [InlineData("Gemm")]
    public void A_missing_initializer_is_named_with_the_node_that_needs_it(string operation) =>
        IsRefused(model => model.Graph.Initializer.Remove(ForeignGraph.Weights(model, operation)), $"({operation})", "which nothing makes");

    [Fact]
    public void Numbers_in_another_file_are_read_from_the_same_folder_and_from_nowhere_else()
    {
        var model = ForeignNetworks.Model("letters");
        var weights = ForeignGraph.Weights(model, "Gemm");
        File.WriteAllBytes(Path.Combine(folder, "weights"), weights.RawData.ToByteArray());
        File.WriteAllBytes(folder + "-beside", weights.RawData.ToByteArray());
        try
        {
            weights.RawData = ByteString.Empty;
            weights.DataLocation = DataLocation.External;
            Read(Elsewhere("weights"), folder: folder).Dispose();
            IsRefused(Elsewhere("weights"), "in another file, 'weights'", "numbers in the file itself");
            IsRefused(Elsewhere("none"), "which does not exist", "it beside the model");
            IsRefused(Elsewhere($"../{Path.GetFileName(folder)}-beside"), "a file in the same folder or below");
            IsRefused(Elsewhere(folder + "-beside"), "a file in the same folder or below");
            IsRefused(Elsewhere(""), "a file in the same folder or below");
            IsRefused(Elsewhere("weights", "8"), "is at 8 of");
            IsRefused(Elsewhere("weights", "-1"), "is at -1 of");
            IsRefused(Elsewhere("weights", "9223372036854775807"), "is at 9223372036854775807 of");
        }
        finally
        {
            File.Delete(folder + "-beside");
        }

        ModelProto Elsewhere(string location, string offset = "0")
        {
            weights.ExternalData.Clear();
            weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            weights.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
            return model;
        }

        void IsRefused(ModelProto changed, params string[] expected) =>
            Assert.All(expected, part => Assert.Contains(part, Refusal(changed, new(), part.StartsWith("in another file", StringComparison.Ordinal) || part.StartsWith("numbers in", StringComparison.Ordinal) ? null : folder), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1700)]
    public void Sizes_for_which_there_are_no_bytes_are_refused_before_anything_is_allocated(long outputs)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        IsRefused(model => ForeignGraph.Weights(model, "Conv").Dims[0] = outputs, $"'{ForeignGraph.Weights(ForeignNetworks.Model("letters"), "Conv").Name}'", $"[{outputs}, ");
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").Dims[0] = outputs, $"[{outputs}, ");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void Initializers_of_other_types_or_with_too_few_bytes_are_refused()
    {
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").RawData = ByteString.CopyFrom(ForeignGraph.Weights(model, "Gemm").RawData.Span[..^3]), "bytes; expected");
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").DataType = (int)DataType.String, "is of type String", "numbers");
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").DataType = 77, "is of type 77", "numbers");
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").DataType = (int)DataType.Double, "bytes; expected");
        IsRefused(model => ForeignGraph.Weights(model, "Conv").Dims.Add(Enumerable.Repeat(1L, 20)), "24 dimensions", "at most 16");
    }

    [Theory]
    [InlineData(6)]
    [InlineData(23)]
    public void Other_versions_of_the_operators_are_refused_with_theirs_and_ours(long version)
    {
        IsRefused(model => model.OpsetImport[0].Version = version, $"version {version} of the operators", "from 7 to 22");
        IsRefused(model => model.OpsetImport.Clear(), "version none");
    }

    [Fact]
    public void Attributes_of_other_types_or_values_are_refused_with_their_node()
    {
        IsRefused(model => ForeignGraph.Set(model, "Conv", OnnxGraph.Number("strides", 1)), "(Conv)", "strides of type Int", "expected Ints");
        IsRefused(model => ForeignGraph.Set(model, "Conv", OnnxGraph.Numbers("strides", 0, 1)), "(Conv)", "strides [0, 1]", "from 1 to 65536");
        IsRefused(model => ForeignGraph.Set(model, "Conv", OnnxGraph.Numbers("pads", 1, 1, 1)), "(Conv)", "pads [1, 1, 1]", "4 numbers");
        IsRefused(model => ForeignGraph.Set(model, "Conv", OnnxGraph.Number("group", 0)), "(Conv)", "group 0", "1 to 65536");
        IsRefused(model => ForeignGraph.Set(model, "Gemm", OnnxGraph.Number("transB", 7)), "(Gemm)", "transB 7", "0 to 1");
        IsRefused(model => ForeignGraph.Set(model, "Gemm", OnnxGraph.Number("alpha", float.NaN)), "(Gemm)", "alpha NaN", "a finite number");
        IsRefused(model => ForeignGraph.Set(model, "Conv", new AttributeProto { Name = "auto_pad", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8("NONE") }), "(Conv)", "auto_pad 'NONE'", "'NOTSET', 'VALID'");
    }

    [Fact]
    public void Layers_that_do_not_fit_each_other_are_refused_with_the_first_that_does_not()
    {
        IsRefused(model => ForeignGraph.Transpose(ForeignGraph.Weights(model, "Gemm")), "(Gemm)", "does not fit what it gets");
        IsRefused(model => model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 3, "(Conv)", "does not fit what it gets, [1, 3, ");
        IsRefused(model => ForeignGraph.Set(model, "Conv", OnnxGraph.Numbers("dilations", 60_000, 60_000)), "(Conv)", "does not fit");
        IsRefused(model => ForeignGraph.Node(model, "Conv").Input.RemoveAt(1), "(Conv)", "and kernels [");
    }

    [Fact]
    public void More_memory_or_time_than_networks_need_is_refused_by_the_node_that_asks_for_it()
    {
        IsRefused(model => ForeignGraph.Expand(model, 1 << 22), "(Expand)", "numbers in its result; expected at most");
        IsRefused(model => Enumerable.Range(0, 60).ToList().ForEach(_ => ForeignGraph.Expand(model, 1 << 11)), "(Expand)", "numbers in all values up to here");
        IsRefused(model => ForeignGraph.Constants(model, 60, 1 << 20), "(ConstantOfShape)", "constant numbers up to here");
    }

    [Fact]
    public void Scores_that_are_none_of_the_image_are_refused()
    {
        IsRefused(model => ForeignGraph.Append(model, "Shape"), "no gradient passes");
        IsRefused(model => ForeignGraph.Append(model, "ConstantOfShape").Graph.Node[^1].Input[0] = ForeignGraph.Whole(model, 1, 10), "does not depend on", "expected scores of images");
        IsRefused(model => ForeignGraph.Append(model, "ArgMax", OnnxGraph.Number("axis", 1)), "no gradient passes", BlackBox);
        IsRefused(model => ForeignGraph.Append(ForeignGraph.Append(model, "ArgMax", OnnxGraph.Number("axis", 1)), "Cast", OnnxGraph.Number("to", 1)), "no gradient passes");
        IsRefused(model => ForeignGraph.Append(model, "ReduceMean", OnnxGraph.Numbers("axes", 1)), "holds [batch, 1]", "the scores of two classes or more");
        IsRefused(model => model.Graph.Output[0].Name = ForeignGraph.Input, "computes nothing between", "expected a network");
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused() =>
        IsRefused(model => ForeignGraph.Weights(model, "Gemm").RawData = ByteString.CopyFrom(Enumerable.Repeat(BitConverter.GetBytes(float.NaN), ForeignGraph.Weights(model, "Gemm").RawData.Length / 4).SelectMany(bytes => bytes).ToArray()), "differ from ONNX Runtime's by NaN");

    [Fact]
    public void Inputs_that_take_no_images_or_leave_something_open_are_refused_with_the_option_that_states_it()
    {
        IsRefused(model => model.Graph.Input.Add(Renamed(model.Graph.Input[0], "second")), "the inputs [images, second]", "InputName in the options");
        IsRefused(model => model.Graph.Output.Add(Renamed(model.Graph.Output[0], "second")), "the outputs [", "OutputName in the options");
        IsRefused(_ => { }, new NetworkFileOptions { InputName = "none" }, "has no input 'none'; it has [images]");
        IsRefused(_ => { }, new NetworkFileOptions { OutputName = "none" }, "needs the value 'none'");
        IsRefused(model => model.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8, "holds Uint8", "float32 pixels");
        IsRefused(model => Sizes(model).RemoveAt(0), "has 3 dimensions", "four");
        IsRefused(model => Sizes(model)[0].DimValue = 7, "is [7, 1, ", "a free batch or one image");
        IsRefused(model => Sizes(model)[2].DimValue = 0, "0 being free", "State ImageShape");
        IsRefused(model => Sizes(model)[2].DimValue = 1L << 40, "1 to 4096 pixels each way");
        IsRefused(_ => { }, new NetworkFileOptions { ImageShape = new ImageShape(1, 7, 7) }, "ImageShape says", "expected the file's sizes");
        IsRefused(_ => { }, new NetworkFileOptions { IsBlueFirst = true }, "IsBlueFirst is stated", "3 channels");
        IsRefused(model => Sizes(model)[3].DimValue = 3, "may be planar or interleaved", "PixelLayout in the options");

        static Google.Protobuf.Collections.RepeatedField<TensorShapeProto.Types.Dimension> Sizes(ModelProto model) => model.Graph.Input[0].Type.TensorType.Shape.Dim;

        static ValueInfoProto Renamed(ValueInfoProto value, string name)
        {
            var renamed = value.Clone();
            renamed.Name = name;
            return renamed;
        }
    }

    [Fact]
    public void Class_names_that_do_not_fit_are_refused()
    {
        var path = ForeignNetworks.Write("letters", folder);
        var ml = new MLContext(seed: 1);

        Assert.Contains("tells 10 classes apart, and ClassNames has 2 names", Assert.Throws<InvalidDataException>(() => ml.Adversarial().LoadNetwork(path, new NetworkFileOptions { ClassNames = ["a", "b"] })).Message, StringComparison.Ordinal);
        Assert.Contains("9 of them different", Assert.Throws<InvalidDataException>(() => ml.Adversarial().LoadNetwork(path, new NetworkFileOptions { ClassNames = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "a"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_model_is_refused_with_the_file()
    {
        var random = new byte[1000];
        new Random(1).NextBytes(random);
        var written = ForeignNetworks.Model("letters").ToByteArray();

        Assert.Contains("has no graph", Refusal([], new NetworkFileOptions(), null), StringComparison.Ordinal);
        Assert.Contains("no ONNX model", Refusal(random, new(), null), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(written[..^1], new(), null), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(written[..(written.Length / 2)], new(), null), StringComparison.Ordinal);
        Assert.Contains("has the inputs []", Refusal(new ModelProto { Graph = new GraphProto() }.ToByteArray(), new(), null), StringComparison.Ordinal);
    }

    private static void IsRefused(Action<ModelProto> change, params string[] expected) => IsRefused(change, new NetworkFileOptions(), expected);

    private static void IsRefused(Action<ModelProto> change, NetworkFileOptions options, params string[] expected)
    {
        var message = Refusal(ForeignGraph.Changed(change), options, folder: null);

        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static string Refusal(ModelProto model, NetworkFileOptions options, string? folder) => Refusal(model.ToByteArray(), options, folder);

    /// <summary>Nothing is left behind by what was refused.</summary>
    private static string Refusal(byte[] bytes, NetworkFileOptions options, string? folder)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var message = Assert.Throws<InvalidDataException>(() => Read(bytes, options, folder)).Message;
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Contains($"'{Name}'", message, StringComparison.Ordinal);
        return message;
    }

    private static Adversarial.ForeignNetwork Read(ModelProto model, string? folder = null) => Read(model.ToByteArray(), new(), folder);

    private static Adversarial.ForeignNetwork Read(byte[] bytes, NetworkFileOptions options, string? folder)
    {
        using var file = OnnxFile.Read(new MemoryStream(bytes), Name, folder);
        return Adversarial.ForeignNetwork.Read(file, options, isClassifier: true);
    }
}
