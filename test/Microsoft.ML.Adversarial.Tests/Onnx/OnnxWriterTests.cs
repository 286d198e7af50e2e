using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Networks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx;

/// <summary>An exported network computes in ONNX Runtime what it computed here.</summary>
public class OnnxWriterTests
{
    /// <summary>float32 sums in another order, through up to 50 layers; logits are of order 1, and a wrong fold or a swapped axis is off by more than 1e-2.</summary>
    private const double Tolerance = 1e-4, DeepTolerance = 1e-3;

    public static TheoryData<string> Kinds => TinyNetworks.Names;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_network_gives_the_same_logits_in_ONNX_Runtime(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = Freeze(kind);
        var images = TinyNetworks.Images(kind, 3);

        using var outputs = Run(OnnxWriter.Write(frozen, Names(kind)), images.Times(255));

        var deviation = TinyNetworks.Difference(frozen.Logits(images), Float(outputs, "Logits"));
        Assert.InRange(deviation, 0, TinyNetworks.Architecture(kind).Backbone is ResNet { Depth: >= 50 } or PreActResNet { Depth: >= 50 } ? DeepTolerance : Tolerance);
    }

    [Theory]
    [InlineData("three stages, depth 8, grey", false, 0, 255, 1)]
    [InlineData("three stages, depth 8, grey", false, 0, 1, 3)]
    [InlineData("three stages, depth 8, grey", true, -1, 2, 1)]
    [InlineData("three stages, depth 14, colour, 20 x 28", false, -1, 2, 3)]
    [InlineData("three stages, depth 14, colour, 20 x 28", true, 0, 255, 1)]
    [InlineData("three stages, depth 14, colour, 20 x 28", true, 0, 1, 3)]
    [InlineData("three stages, depth 14, colour, 20 x 28", true, -1, 2, 3)]
    public void Every_layout_and_range_of_pixels_means_the_same_image(string kind, bool isInterleaved, float minimum, float span, int batch)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = Freeze(kind);
        var images = TinyNetworks.Images(kind, batch);
        var delivered = images.Times(span).Plus(minimum);

        var model = OnnxWriter.Write(frozen, Names(kind) with { IsInterleaved = isInterleaved, PixelMinimum = minimum, PixelSpan = span });
        using var outputs = Run(model, isInterleaved ? delivered.permute(0, 2, 3, 1) : delivered);

        Assert.InRange(TinyNetworks.Difference(frozen.Logits(images), Float(outputs, "Logits")), 0, Tolerance);
    }

    [Fact]
    public void The_score_is_the_softmax_and_the_index_the_most_probable_class()
    {
        const string kind = "three stages, depth 14, colour, 20 x 28";
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = Freeze(kind);
        var images = TinyNetworks.Images(kind, 8);
        var logits = frozen.Logits(images);

        using var outputs = Run(OnnxWriter.Write(frozen, Names(kind)), images.Times(255));

        Assert.InRange(TinyNetworks.Difference(logits.softmax(1), Float(outputs, "Probabilities")), 0, 1e-5);
        var index = Named(outputs, "Index").AsTensor<long>();
        Assert.Equal([8], index.Dimensions.ToArray());
        Assert.Equal(logits.argmax(1).data<long>().ToArray(), index.ToArray());
        Assert.True(index.Distinct().Count() > 1, "one class for every image: the test sees nothing");
    }

    [Fact]
    public void The_form_for_one_image_has_scores_of_the_fixed_shape_of_the_classes()
    {
        const string kind = "three stages, depth 14, colour, 20 x 28";
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var frozen = Freeze(kind);
        var images = TinyNetworks.Images(kind, 1);
        var model = OnnxWriter.Write(frozen, Names(kind) with { IsSingleImage = true, Logits = null });

        using var session = new InferenceSession(model);
        using var outputs = Run(model, images.Times(255));

        Assert.Equal([1, 3, 20, 28], session.InputMetadata["Pixels"].Dimensions);
        Assert.Equal([5], session.OutputMetadata["Probabilities"].Dimensions);
        Assert.Equal([1], session.OutputMetadata["Index"].Dimensions);
        Assert.Equal(["Index", "Probabilities"], session.OutputMetadata.Keys.Order());
        Assert.InRange(TinyNetworks.Difference(frozen.Logits(images).softmax(1)[0], Float(outputs, "Probabilities")), 0, 1e-5);
    }

    [Fact]
    public void The_form_for_batches_leaves_their_size_open()
    {
        const string kind = "three stages, depth 8, grey";
        using var frozen = Freeze(kind);
        using var session = new InferenceSession(OnnxWriter.Write(frozen, Names(kind) with { IsInterleaved = true }));

        Assert.Equal([-1, 16, 16, 1], session.InputMetadata["Pixels"].Dimensions);
        Assert.Equal([-1, 2], session.OutputMetadata["Probabilities"].Dimensions);
        Assert.Equal([-1, 2], session.OutputMetadata["Logits"].Dimensions);
        Assert.Equal([-1], session.OutputMetadata["Index"].Dimensions);
    }

    /// <summary>ML.NET's OnnxTransformer finds a column's slot names by this very name of the node.</summary>
    [Fact]
    public void A_label_encoder_named_after_the_score_carries_the_class_names_in_order()
    {
        const string kind = "three stages, depth 14, colour, 20 x 28";
        using var frozen = Freeze(kind);
        var names = Names(kind) with { ClassNames = ["zebra", "Ärmel", "猫", "a b", ""] };

        var model = ModelProto.Parser.ParseFrom(OnnxWriter.Write(frozen, names));

        var encoder = Assert.Single(model.Graph.Node, node => node.OpType == "LabelEncoder");
        Assert.Equal("mlnet.Probabilities.SlotNames", encoder.Name);
        Assert.Equal("ai.onnx.ml", encoder.Domain);
        Assert.Equal(names.ClassNames, encoder.Attribute.Single(attribute => attribute.Name == "keys_strings").Strings.Select(text => text.ToStringUtf8()));
        Assert.Equal([0L, 1, 2, 3, 4], encoder.Attribute.Single(attribute => attribute.Name == "values_int64s").Ints);
        Assert.DoesNotContain(model.Graph.Node, node => node.Input.Contains(encoder.Output.Single()));
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes()
    {
        const string kind = "four stages, basic, small stem";
        using var first = Freeze(kind);
        using var second = Freeze(kind);

        Assert.Equal(OnnxWriter.Write(first, Names(kind)), OnnxWriter.Write(second, Names(kind)));
    }

    [Fact]
    public void Writing_leaves_no_tensor_behind()
    {
        using var frozen = Freeze("four stages, basic, small stem");
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        OnnxWriter.Write(frozen, Names("four stages, basic, small stem"));

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>Sizes without memory: three gigabytes of weights on the meta device.</summary>
    [Fact]
    public void A_network_too_large_for_a_protocol_buffer_is_refused_with_both_sizes_before_training()
    {
        using var large = new ImageNetwork(Deep(width: 256), META);
        using var largest = new ImageNetwork(Deep(width: 180), META);

        var refused = Assert.Throws<NotSupportedException>(() => OnnxWriter.CheckFits(large));

        Assert.StartsWith($"{large.Architecture} has 3.7 GB of weights; expected at most 2.1 GB", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Depth or Width", refused.Message, StringComparison.Ordinal);
        OnnxWriter.CheckFits(largest);

        static NetworkArchitecture Deep(int width) => new() { Backbone = new ResNet(152) { Width = width }, Image = new ImageShape(3, 224, 224), ClassCount = 1000 };
    }

    private static FrozenNetwork Freeze(string kind)
    {
        using var network = TinyNetworks.Trained(kind);
        return network.Freeze(ImageDomain.Adversarial);
    }

    private static OnnxInterface Names(string kind) => new()
    {
        Input = "Pixels",
        Logits = "Logits",
        Score = "Probabilities",
        PredictedIndex = "Index",
        ClassNames = [.. Enumerable.Range(0, TinyNetworks.Architecture(kind).ClassCount).Select(index => $"class {index}")],
    };

    private static IDisposableReadOnlyCollection<DisposableNamedOnnxValue> Run(byte[] model, torch.Tensor pixels)
    {
        using var session = new InferenceSession(model);
        var values = pixels.contiguous().data<float>().ToArray();
        return session.Run([NamedOnnxValue.CreateFromTensor("Pixels", new DenseTensor<float>(values, [.. pixels.shape.Select(size => (int)size)]))]);
    }

    private static DisposableNamedOnnxValue Named(IEnumerable<DisposableNamedOnnxValue> outputs, string name) => outputs.Single(output => output.Name == name);

    private static torch.Tensor Float(IEnumerable<DisposableNamedOnnxValue> outputs, string name)
    {
        var values = Named(outputs, name).AsTensor<float>();
        return tensor(values.ToArray()).reshape([.. values.Dimensions.ToArray().Select(size => (long)size)]);
    }
}
