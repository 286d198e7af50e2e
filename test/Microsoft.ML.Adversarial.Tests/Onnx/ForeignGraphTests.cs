using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>Files that this library did not write are refused with the file, the first node that does not belong there, and what was expected.</summary>
public class ForeignGraphTests
{
    [Fact]
    public void The_first_unsupported_node_is_named_and_what_is_behind_it_does_not_matter() =>
        IsRefused(model =>
        {
            Node(model, "Relu", 2).OpType = "Sigmoid";
            Node(model, "Relu", 2).OpType = "Tanh";
        }, "'Relu_10' (Sigmoid)", "is not supported", "GlobalAveragePool");

    [Fact]
    public void A_node_of_a_known_kind_in_another_domain_is_unsupported() =>
        IsRefused(model => Node(model, "Conv").Domain = "com.microsoft", "(Conv) of domain 'com.microsoft' is not supported");

    [Fact]
    public void A_known_node_in_the_wrong_place_is_named_with_what_was_expected() =>
        IsRefused(model => Node(model, "Relu").OpType = "Flatten", "'Relu_5' (Flatten)", "is out of place", "expected Mul, Conv, Reshape, Relu, MaxPool, Add, GlobalAveragePool of a value before it");

    [Fact]
    public void Branches_that_do_not_meet_or_never_parted_are_refused()
    {
        IsRefused(model => Node(model, "Add", 3).Input[1] = Node(model, "Conv", 1).Output[0], "(Add)", "two branches of one value");
        IsRefused(model => Node(model, "Add", 1).Input[1] = Node(model, "Add", 1).Input[0], "(Add)", "two branches of one value");
        IsRefused(model => Node(model, "Add", 1).Input[1] = "network/constant_1", "(Add)", "two values");
        IsRefused(model => Node(model, "GlobalAveragePool").Input[0] = Node(model, "Relu", 5).Output[0], "out of place");
    }

    /// <summary>Deep nesting is a few bytes in a file and the whole stack in memory.</summary>
    [Fact]
    public void Residual_blocks_inside_each_other_without_end_are_refused() =>
        IsRefused(model =>
        {
            var last = Node(model, "Relu", 6);
            var value = last.Output[0];
            var position = model.Graph.Node.IndexOf(last) + 1;
            for (var i = 0; i < 50; i++)
                model.Graph.Node.Insert(position++, Extra("Relu", i == 0 ? value : $"relu {i - 1}", $"relu {i}"));
            for (var i = 49; i >= 0; i--)
            {
                var sum = Extra("Add", i == 49 ? "relu 49" : $"sum {i + 1}", $"sum {i}");
                sum.Input.Add(i == 0 ? value : $"relu {i - 1}");
                model.Graph.Node.Insert(position++, sum);
            }
            Node(model, "GlobalAveragePool").Input[0] = "sum 0";
        }, "(Add)", "17 residual blocks inside each other");

    [Fact]
    public void A_node_that_nothing_uses_is_refused()
    {
        IsRefused(model => model.Graph.Node.Insert(4, Extra("Relu", "network/value_3", "unused")), "node 5 'extra' (Relu)", "is out of place");
        IsRefused(model => model.Graph.Node.Add(Extra("Relu", "network/value_3", "unused")), "'extra' (Relu) stands behind the class names");
    }

    [Fact]
    public void A_graph_that_feeds_on_itself_is_refused()
    {
        IsRefused(model => Node(model, "Conv").Input[0] = "network/value_5", "(Conv) of 'network/value_5", "is out of place");
        IsRefused(model => Node(model, "Relu").Output[0] = Node(model, "Relu").Input[0], "(Relu)", "a name that nothing before it has");
    }

    [Fact]
    public void A_graph_that_ends_too_soon_is_refused() =>
        IsRefused(model => model.Graph.Node.RemoveAt(model.Graph.Node.Count - 1), "the graph ends after", "expected LabelEncoder");

    [Theory]
    [InlineData("Conv")]
    [InlineData("Gemm")]
    [InlineData("Mul")]
    public void A_missing_initializer_is_named_with_the_node_that_needs_it(string operation) =>
        IsRefused(model => model.Graph.Initializer.Remove(Constant(model, Node(model, operation))), $"({operation})", "which no initializer holds");

    [Fact]
    public void Numbers_in_another_file_are_refused() =>
        IsRefused(model => Constant(model, Node(model, "Conv")).DataLocation = TensorProto.Types.DataLocation.External, "(Conv)", "in another file");

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(17)]
    public void Sizes_for_which_there_are_no_bytes_are_refused_before_anything_is_allocated(long outputs)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        IsRefused(model => Constant(model, Node(model, "Conv")).Dims[0] = outputs, "(Conv)", $"[{outputs}, 1, 3, 3]");
        IsRefused(model => Constant(model, Node(model, "Gemm")).Dims[0] = outputs, "(Gemm)", $"[{outputs}, ");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Fact]
    public void Bytes_that_are_no_whole_numbers_are_refused() =>
        IsRefused(model => Cut(Constant(model, Node(model, "Gemm")), 3), "(Gemm)", "4 bytes for each number");

    [Theory]
    [InlineData("", 16)]
    [InlineData("", 18)]
    [InlineData("ai.onnx.ml", 3)]
    public void Other_operator_sets_are_refused_with_theirs_and_ours(string domain, long version) =>
        IsRefused(model => model.OpsetImport.Single(set => set.Domain == domain).Version = version, $"{version}", "expected IR version 8 and ai.onnx 17 and ai.onnx.ml 2");

    [Fact]
    public void An_operator_set_of_somebody_elses_is_refused() =>
        IsRefused(model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 }), "com.microsoft 1");

    [Fact]
    public void Attributes_that_are_unknown_missing_or_of_other_values_are_refused()
    {
        IsRefused(model => Node(model, "Conv").Attribute.Add(OnnxGraph.Number("group", 2)), "(Conv)", "[kernel_shape, strides, pads, group]");
        IsRefused(model => Node(model, "Conv").Attribute.RemoveAt(2), "(Conv)", "the attributes [kernel_shape, strides]");
        IsRefused(model => Node(model, "Conv").Attribute[1].Ints[0] = 2, "(Conv)", "strides [2, 1]", "the same number 2 times");
        IsRefused(model => Node(model, "Conv").Attribute[1] = OnnxGraph.Number("strides", 1), "(Conv)", "strides of type Int");
        IsRefused(model => Node(model, "Gemm").Attribute[0].I = 0, "(Gemm)", "transB 0", "expected 1");
        IsRefused(model => Node(model, "Softmax").Attribute[0].I = 0, "(Softmax)", "axis 0");
    }

    [Fact]
    public void Layers_that_do_not_fit_each_other_are_refused()
    {
        IsRefused(model => Node(model, "Conv", 1).Attribute[1] = OnnxGraph.Numbers("strides", 2, 2), "(Add)", "summands of [16, 8, 8] and [16, 16, 16]");
        IsRefused(model => Transpose(Constant(model, Node(model, "Gemm"))), "(Gemm)", "[64, 2]", "expected [-1, 64]");
        IsRefused(model => model.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 3, "(Conv)", "[16, 1, 3, 3]", "[-1, 3, 3, 3]");
    }

    [Fact]
    public void Group_normalisation_that_is_none_is_refused()
    {
        IsRefused(TinyNetworks.Group, model => SetReal(Constant(model, Node(model, "InstanceNormalization")), 2), "(InstanceNormalization)", "ones and zeros");
        IsRefused(TinyNetworks.Group, model => SetReal(Constant(model, Node(model, "InstanceNormalization"), 2), 1), "(InstanceNormalization)", "ones and zeros");
        IsRefused(TinyNetworks.Group, model => Node(model, "InstanceNormalization").Attribute[0].F = float.NaN, "(InstanceNormalization)", "epsilon NaN");
        IsRefused(TinyNetworks.Group, model => SetWhole(Constant(model, Node(model, "Reshape")), 1, 3), "(Reshape)", "groups that divide the 8 channels");
    }

    [Fact]
    public void Pixels_without_a_range_are_refused()
    {
        IsRefused(model => SetReal(Constant(model, Node(model, "Div")), 0), "(Div)", "the number 0");
        IsRefused(model => SetReal(Constant(model, Node(model, "Div")), float.NaN), "(Div)", "the number NaN");
        IsRefused(model => SetReal(Constant(model, Node(model, "Div")), -1), "(Div)", "the number -1");
    }

    [Fact]
    public void Inputs_outputs_and_class_names_that_do_not_fit_are_refused()
    {
        IsRefused(model => model.Graph.Input.Add(model.Graph.Input[0].Clone()), "[Pixels, Pixels]", "expected one");
        IsRefused(model => model.Graph.Input[0].Type.TensorType.Shape.Dim.RemoveAt(0), "four dimensions");
        IsRefused(model => model.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue = 1L << 40, "1 to 4096 pixels");
        IsRefused(model => model.Graph.Output.RemoveAt(0), "the outputs [Probabilities, Index]", "expected [Logits, Probabilities, Index]");
        IsRefused(model => Node(model, "LabelEncoder").Name = "classes", "'classes' (LabelEncoder)", "mlnet.Probabilities.SlotNames");
        IsRefused(model => Node(model, "LabelEncoder").Attribute[0].Strings.RemoveAt(0), "(LabelEncoder)", "1 class names");
        IsRefused(model => Node(model, "LabelEncoder").Attribute[0].Strings[0] = Node(model, "LabelEncoder").Attribute[0].Strings[1], "(LabelEncoder)", "all different");
        IsRefused(model => model.MetadataProps[0].Value = "Both", "'Both'", "expected Clean or Adversarial");
    }

    [Fact]
    public void What_is_no_model_is_refused_with_the_file()
    {
        var random = new byte[1000];
        new Random(1).NextBytes(random);
        var written = WrittenNetworks.Write(TinyNetworks.Plain);

        Assert.Contains("has no graph", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("no ONNX model", Refusal(random), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(written[..^1]), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(written[..(written.Length / 2)]), StringComparison.Ordinal);
        Assert.Contains("IR version 0", Refusal(new ModelProto { Graph = new GraphProto() }.ToByteArray()), StringComparison.Ordinal);
    }

    private static void IsRefused(Action<ModelProto> change, params string[] expected) => IsRefused(TinyNetworks.Plain, change, expected);

    private static void IsRefused(string kind, Action<ModelProto> change, params string[] expected)
    {
        var model = WrittenNetworks.Model(kind);
        change(model);

        var message = Refusal(model.ToByteArray());

        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    /// <summary>Nothing is left behind by what was refused.</summary>
    private static string Refusal(byte[] bytes)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var message = Assert.Throws<InvalidDataException>(() => WrittenNetworks.Read(bytes)).Message;
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Contains($"'{WrittenNetworks.File}'", message, StringComparison.Ordinal);
        return message;
    }

    private static NodeProto Node(ModelProto model, string operation, int index = 0) => model.Graph.Node.Where(node => node.OpType == operation).ElementAt(index);

    private static NodeProto Extra(string operation, string input, string output) => new() { OpType = operation, Name = "extra", Input = { input }, Output = { output } };

    private static TensorProto Constant(ModelProto model, NodeProto node, int input = 1) => model.Graph.Initializer.Single(constant => constant.Name == node.Input[input]);

    private static void Cut(TensorProto constant, int bytes) => constant.RawData = ByteString.CopyFrom(constant.RawData.Span[..^bytes]);

    private static void Transpose(TensorProto constant) => (constant.Dims[0], constant.Dims[1]) = (constant.Dims[1], constant.Dims[0]);

    private static void SetReal(TensorProto constant, float value) =>
        constant.RawData = ByteString.CopyFrom([.. BitConverter.GetBytes(value), .. constant.RawData.Span[sizeof(float)..]]);

    private static void SetWhole(TensorProto constant, int index, long value)
    {
        var bytes = constant.RawData.ToByteArray();
        BitConverter.GetBytes(value).CopyTo(bytes, index * sizeof(long));
        constant.RawData = ByteString.CopyFrom(bytes);
    }
}
