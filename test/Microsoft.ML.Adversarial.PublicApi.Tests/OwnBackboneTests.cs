using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>A network of a user's own, written in this file alone, meets what the library's networks meet.</summary>
public sealed class OwnBackboneTests : IDisposable
{
    private const int Size = 12;

    private readonly string folder = Directory.CreateTempSubdirectory("own-backbone-").FullName;

    [Theory]
    [InlineData("Plain-8")]
    [InlineData("NormalizedFirst")]
    [InlineData("WideResNet-10-1")]
    public void A_network_of_one_s_own_or_the_library_s_is_trained_evaluated_exported_scored_by_ONNX_Runtime_and_read_back(string name)
    {
        Backbone[] backbones = [new Plain { Channels = 8 }, new NormalizedFirst(), new WideResNet(10, 1) { Activation = Activation.Silu, PadsAtEnd = true }];
        var ml = new MLContext(seed: 1);
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(Stripes(ml)).Transform(Stripes(ml));
        var options = new ImageClassificationOptions
        {
            Backbone = backbones.Single(backbone => backbone.Name == name),
            ImageShape = new ImageShape(1, Size, Size),
            Normalization = Normalization.MixtureBatch,
            Method = new AdversarialTraining(new PgdAttack(Budget.LInf(8)) { Steps = 2 }) { CleanRatio = 1 },
            Epochs = 6,
            BatchSize = 8,
            ActivationCheckpointing = name != "Plain-8",
        };
        using var model = ml.Adversarial().Trainers.ImageClassification(options).Fit(data);
        var (onnx, zip) = (Path.Combine(folder, "own.onnx"), Path.Combine(folder, "own.zip"));
        model.ExportOnnx(onnx);
        ml.Model.Save(model, data.Schema, zip);

        var evaluation = ml.Adversarial().EvaluateRobustness(model, data, new PgdAttack(Budget.LInf(8)) { Steps = 3 });

        Assert.True(evaluation.Clean.MicroAccuracy > 0.9, $"{evaluation.Clean.MicroAccuracy} of the training images");
        var pixels = Pixels().ToArray();
        var expected = Network(model.Network, pixels);
        Assert.Equal(expected, Runtime(onnx, pixels), (one, other) => Math.Abs(one - other) < 1e-4);
        foreach (var file in new[] { onnx, zip })
        {
            using var read = ml.Adversarial().LoadNetwork(file);
            Assert.Equal(expected, Network(read.Network, pixels), (one, other) => Math.Abs(one - other) < 1e-5);
            Assert.Equal(evaluation.Clean.MicroAccuracy, ml.Adversarial().EvaluateRobustness(read, data).Clean.MicroAccuracy);
        }
    }

    [Fact]
    public void What_is_no_network_is_refused_by_its_name_and_what_is_wrong()
    {
        Says(layout => layout.Convolution("a", 4, 3).GlobalAveragePool(), "lays out no Classifier");
        Says(layout => layout.Convolution("a", 4, 3).Classifier("fc"), "expected one right before it");
        Says(layout => layout.Convolution("a", 4, 3).Normalization("a"), "lays out 'a' twice");
        Says(layout => layout.Convolution("a", 4, 4), "must be an odd number");
        Says(layout => layout.Residual("b", main => main.Convolution("c", 4, 3)), "The branches of 'b' end with 4 x 12 x 12 and 1 x 12 x 12");
        Says(layout => layout.Residual("b", main => main.GlobalAveragePool()), "inside a residual block");
        Says(layout => layout.GlobalAveragePool().Activation(Activation.Relu), "behind the GlobalAveragePool");
        Says(layout => layout.MaxPool(13, 1), "kernel must be from 1 to 12; it is 13");
        Assert.Contains("comes in one depth", Assert.Throws<NotSupportedException>(() => new Plain().WithDepth(3)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Says(Action<NetworkLayout> layOut, string message)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Transforms.Conversion.MapValueToKey("Label").Fit(Stripes(ml)).Transform(Stripes(ml));
        var options = new ImageClassificationOptions { Backbone = new Sketch(layOut), ImageShape = new ImageShape(1, Size, Size) };
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => ml.Adversarial().Trainers.ImageClassification(options).Fit(data)).Message, StringComparison.Ordinal);
    }

    private static float[] Network(IImageClassifier network, float[] pixels)
    {
        using var scope = NewDisposeScope();
        return network.Logits(tensor(pixels).reshape(-1, 1, Size, Size) / 255).data<float>().ToArray();
    }

    private static float[] Runtime(string file, float[] pixels)
    {
        using var session = new InferenceSession(file);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Features", new DenseTensor<float>(pixels, [pixels.Length / Size / Size, 1, Size, Size]))], ["Logits"]);
        return [.. results[0].AsTensor<float>()];
    }

    /// <summary>Bright stripes across or down.</summary>
    private static IDataView Stripes(MLContext ml) =>
        ml.Data.LoadFromEnumerable(Pixels().Chunk(Size * Size).Select((image, index) => new Row { Label = index % 2 == 0 ? "across" : "down", Features = image }));

    private static IEnumerable<float> Pixels() =>
        from image in Enumerable.Range(0, 24)
        from y in Enumerable.Range(0, Size)
        from x in Enumerable.Range(0, Size)
        select ((image % 2 == 0 ? y : x) + image / 2) % 4 < 2 ? 200f - 5 * (image / 2) : 20f;

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(Size * Size)]
        public float[] Features { get; set; } = [];
    }

    /// <summary>Convolution, normalisation, ReLU, a residual block, pooling, classifier.</summary>
    private sealed record Plain : Backbone
    {
        public int Channels { get; init; } = 4;

        public override string Name => $"Plain-{Channels}";

        protected override void LayOut(NetworkLayout layout) => layout
            .Convolution("conv1", Channels, kernel: 3).Normalization("bn1").Activation(Activation.Relu).MaxPool(kernel: 3, stride: 2, padding: 1)
            .Residual("block", main => main.Convolution("conv1", Channels, 3).Normalization("bn1").Activation(Activation.Relu).Convolution("conv2", Channels, 3).Normalization("bn2")).Activation(Activation.Relu)
            .GlobalAveragePool().Classifier("out");

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("channels", Channels);
        }
    }

    /// <summary>He et al. 2016b: normalisation and ReLU come before each convolution; and a block inside a block, whose inner main branch ends with a ReLU.</summary>
    private sealed record NormalizedFirst : Backbone
    {
        public override string Name => "NormalizedFirst";

        protected override void LayOut(NetworkLayout layout) => layout
            .Convolution("conv1", 8, kernel: 3)
            .Residual("block1", main => main.Normalization("bn1").Activation(Activation.Relu).Convolution("conv1", 8, 3).Normalization("bn2").Activation(Activation.Relu).Convolution("conv2", 8, 3))
            .Residual("block2", Nested, shortcut => shortcut.Activation(Activation.Relu).Convolution("shortcut", 12, 1, stride: 2))
            .Normalization("bn").Activation(Activation.Relu)
            .GlobalAveragePool().Classifier("fc");

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.AddNothing();
        }

        private static void Nested(NetworkLayout main) => main
            .Residual("inner", inner => inner.Activation(Activation.Relu).Convolution("conv", 8, 3).Activation(Activation.Relu), shortcut => shortcut.Normalization("bn"))
            .Convolution("conv", 12, 3, stride: 2);
    }

    private sealed record Sketch(Action<NetworkLayout> Lines) : Backbone
    {
        public override string Name => "Sketch";

        protected override void LayOut(NetworkLayout layout) => Lines(layout);
    }
}
