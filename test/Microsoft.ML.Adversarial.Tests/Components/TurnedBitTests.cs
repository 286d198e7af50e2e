using Microsoft.ML.Adversarial.Tests.Networks;
using Microsoft.ML.Adversarial.Tests.Training;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>400 files of each kind with one bit turned: each is refused by name, or gives what the intact one gives.</summary>
public sealed class TurnedBitTests : IDisposable
{
    private const int Files = 400;

    private static readonly Identity Setup = TinyProblem.Options.Identity;

    private readonly ToyPictures pictures = new(perClass: 2);
    private readonly MLContext ml = new(seed: 1);

    private string FilePath => Path.Combine(pictures.Folder, "file");

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void No_checkpoint_with_a_turned_bit_is_used()
    {
        using var network = ImageNetwork.Create(TinyProblem.Architecture with { Backbone = new ResNet(8) { Width = 1 } }, CPU, new Seed(1));
        using var state = new TrainingState(network, TinyProblem.Options, new Seed(1), 3, validation: null) { Position = new TrainingPosition(1, 2, 3, default, TimeSpan.Zero) };
        CompleteFile.Write(FilePath, stream => Checkpoint.Write(stream, Setup, state));

        TurnBits(VerifiedFileKind.Checkpoint, () =>
        {
            Checkpoint.Read(FilePath, Setup, state);
            return $"{string.Join(' ', TinyNetworks.State(network).Values.SelectMany(numbers => numbers))} {state.Position}";
        });
    }

    [Fact]
    public void No_weights_with_a_turned_bit_are_used()
    {
        using var network = ImageNetwork.Create(TinyProblem.Architecture with { Backbone = new ResNet(8) { Width = 1 } }, CPU, new Seed(1));
        CompleteFile.Write(FilePath, stream => NetworkWeights.WriteSealed(stream, network));

        TurnBits(VerifiedFileKind.Weights, () =>
        {
            InitialWeightsFile.Read(FilePath, network);
            return string.Join(' ', TinyNetworks.State(network).Values.SelectMany(numbers => numbers));
        });
    }

    [Theory]
    [InlineData(VerifiedFileKind.Onnx)]
    [InlineData(VerifiedFileKind.Model)]
    public void No_deployed_model_with_a_turned_bit_is_used(VerifiedFileKind kind)
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        if (kind == VerifiedFileKind.Onnx)
            classifier.ExportOnnx(FilePath);
        else
            ml.Model.Save(model, view.Schema, FilePath);
        var (images, data) = (TinyNetworks.Images(classifier.Format.Shape, 2), kind == VerifiedFileKind.Onnx ? ToyPictures.Preparation(ml).Fit(view).Transform(view) : view);

        TurnBits(kind, () =>
        {
            using var scope = NewDisposeScope();
            using var loaded = ml.Adversarial().LoadNetwork(FilePath);
            var scores = loaded.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row);
            return $"{string.Join(' ', loaded.Network.Logits(images).data<float>().Concat(scores))} {string.Join(' ', loaded.ClassNames)} {loaded.FeatureColumnName} {loaded.PixelRange} {loaded.Domain}";
        });
    }

    [Fact]
    public void What_is_no_file_of_this_library_is_refused_by_name()
    {
        var catalog = ml.Adversarial();
        Assert.Throws<FileNotFoundException>(() => catalog.Verify(FilePath));
        Assert.Throws<ArgumentException>(() => catalog.Verify(""));
        foreach (var content in (byte[][])[[], "Dear reader"u8.ToArray(), "PK"u8.ToArray(), [4, 0, 0, 0, 0, 0, 0, 0, .. "{}  "u8]])
        {
            File.WriteAllBytes(FilePath, content);
            Assert.Contains(FilePath, Assert.Throws<InvalidDataException>(() => catalog.Verify(FilePath)).Message, StringComparison.Ordinal);
        }
        var view = pictures.View(ml);
        ml.Model.Save(ToyPictures.Preparation(ml).Fit(view), view.Schema, FilePath);
        Assert.Contains("holds no OnnxTransformer", Assert.Throws<InvalidDataException>(() => catalog.Verify(FilePath)).Message, StringComparison.Ordinal);
    }

    private void TurnBits(VerifiedFileKind kind, Func<string> use)
    {
        var intact = File.ReadAllBytes(FilePath);
        var (expected, verified) = (use(), ml.Adversarial().Verify(FilePath));
        Assert.Equal(kind, verified.Kind);
        Assert.Matches("^[0-9a-f]{64}$", verified.Hash);
        Assert.Matches(@"^\d+\.\d+\.\d+$", verified.LibraryVersion);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < Files; i++)
        {
            byte[] turned = [.. intact];
            turned[random.Next(turned.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(FilePath, turned);
            refused += IsRefused(() => Assert.Equal(expected, use())) ? 1 : 0;
            IsRefused(() => Assert.Equal(verified.Hash, ml.Adversarial().Verify(FilePath).Hash));
        }
        Assert.InRange(refused, Files * 9 / 10, Files);
    }

    private bool IsRefused(Action use)
    {
        try
        {
            use();
            return false;
        }
        catch (InvalidDataException exception)
        {
            Assert.Contains(FilePath, exception.Message, StringComparison.Ordinal);
            return true;
        }
    }
}
