using System.IO.Compression;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Common;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Files that are not what <c>LoadNetwork</c> takes.</summary>
public sealed class DeployedFileTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 2);
    private readonly MLContext ml = new(seed: 1);
    private readonly string zip, onnx;

    public DeployedFileTests()
    {
        var view = pictures.View(ml);
        var model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        (zip, onnx) = (Path.Combine(pictures.Folder, "model.zip"), Path.Combine(pictures.Folder, "model.onnx"));
        ml.Model.Save(model, view.Schema, zip);
        classifier.ExportOnnx(onnx);
    }

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void A_missing_file_and_empty_arguments_are_refused()
    {
        var missing = Path.Combine(pictures.Folder, "none.zip");

        Assert.Equal(missing, Assert.Throws<FileNotFoundException>(() => ml.Adversarial().LoadNetwork(missing)).FileName);
        Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(""));
        Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(zip, new NetworkFileOptions { LabelColumnName = " " }));
    }

    [Fact]
    public void An_empty_file_a_text_and_a_file_cut_short_are_refused()
    {
        Assert.Contains("is no ONNX model", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("is no ONNX model and no model.zip", Refusal("Dear reader"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("no readable zip", Refusal("PK"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(File.ReadAllBytes(onnx)[..^100]), StringComparison.Ordinal);
        Assert.Contains("no readable zip", Refusal(File.ReadAllBytes(zip)[..^100]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_without_a_network_or_with_several_is_refused()
    {
        var view = pictures.View(ml);
        var preparation = Path.Combine(pictures.Folder, "preparation.zip");
        ml.Model.Save(ToyPictures.Preparation(ml).Fit(view), view.Schema, preparation);
        var loaded = ml.Model.Load(zip, out _);
        var twice = Path.Combine(pictures.Folder, "twice.zip");
        ml.Model.Save(loaded.Append(loaded), null, twice);

        Assert.Contains("holds no OnnxTransformer", Refusal(File.ReadAllBytes(preparation)), StringComparison.Ordinal);
        var several = Refusal(File.ReadAllBytes(twice));
        Assert.Contains("holds several OnnxTransformers (", several, StringComparison.Ordinal);
        Assert.Contains("Transform_001", several, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_in_a_zip_that_is_no_model_is_refused()
    {
        var path = Path.Combine(pictures.Folder, "strange.zip");
        using (var from = ZipFile.OpenRead(zip))
        using (var to = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var source = from.Entries.Single(entry => entry.Name == "OnnxModel").Open();
            using var target = to.CreateEntry("OnnxModel").Open();
            source.CopyTo(target);
        }

        Assert.Contains("ml.Model.Load cannot read", Refusal(File.ReadAllBytes(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_understood_in_either_file_is_named()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(onnx));
        model.Graph.Node.First(node => node.OpType == "Relu").OpType = "NonZero";
        Assert.Contains("operators that are not understood: NonZero", Refusal(Seals.Renew(model.ToByteArray())), StringComparison.Ordinal);

        var path = Path.Combine(pictures.Folder, "foreign.zip");
        File.Copy(zip, path);
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            var bytes = Seals.Renew(model.ToByteArray());
            using var entry = archive.Entries.Single(entry => entry.Name == "OnnxModel").Open();
            entry.SetLength(0);
            entry.Write(BitConverter.GetBytes(bytes.Length));
            entry.Write(bytes);
        }
        var refusal = Refusal(File.ReadAllBytes(path));
        Assert.Contains("operators that are not understood: NonZero", refusal, StringComparison.Ordinal);
        Assert.Contains("/OnnxModel'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_this_library_that_was_changed_on_purpose_is_read_as_one_from_elsewhere()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(onnx));
        model.ProducerVersion = "changed";
        var path = Path.Combine(pictures.Folder, "changed.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        Assert.Throws<InvalidDataException>(() => ml.Adversarial().LoadNetwork(path));

        using var network = ml.Adversarial().LoadNetwork(path, new NetworkFileOptions { ReadsChangedFiles = true, OutputName = "Score", PixelNormalization = PixelNormalization.GreyLevels });

        Assert.Equal(["0", "1", "2"], network.ClassNames);
    }

    [Fact]
    public void A_class_without_a_name_is_refused_where_its_key_would_be_lost()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(onnx));
        model.Graph.Node.Single(node => node.OpType == "LabelEncoder").Attribute.Single(attribute => attribute.Name == "keys_strings").Strings[1] = ByteString.Empty;

        Assert.Contains("a class without a name", Refusal(Seals.Renew(model.ToByteArray())), StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_named_as_an_output_of_the_scorer_is_refused()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(onnx));
        model.Graph.Input[0].Name = model.Graph.Node[0].Input[0] = "PredictedLabel";

        Assert.Contains("takes its images from 'PredictedLabel'", Refusal(Seals.Renew(model.ToByteArray())), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_zips_are_loaded_or_refused_and_nothing_else_happens()
    {
        var intact = File.ReadAllBytes(zip);
        var random = new Random(1);
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            byte[] damaged = [.. intact];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                damaged[random.Next(3) == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(5000)] = (byte)random.Next(256);
            try
            {
                Load(damaged).Dispose();
                loaded++;
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains(pictures.Folder, exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.True(loaded > 5 && refused > 50, $"{loaded} loaded, {refused} refused: the test sees little");
    }

    [Fact]
    public void Damaged_ONNX_files_are_loaded_or_refused_and_nothing_else_happens()
    {
        var intact = File.ReadAllBytes(onnx);
        var random = new Random(1);
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < 200; i++)
        {
            byte[] damaged = [.. intact];
            // The names of classes, inputs and outputs stand at the end, the first node at the beginning.
            damaged[random.Next(3) == 0 ? random.Next(400) : damaged.Length - 1 - random.Next(500)] = (byte)random.Next(256);
            try
            {
                Load(Seals.Renew(damaged)).Dispose();
                loaded++;
            }
            catch (InvalidDataException exception)
            {
                Assert.Contains(pictures.Folder, exception.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        Assert.True(loaded > 5 && refused > 50, $"{loaded} loaded, {refused} refused: the test sees little");
    }

    private string Refusal(byte[] content)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var message = Assert.Throws<InvalidDataException>(() => Load(content)).Message;
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Contains(pictures.Folder, message, StringComparison.Ordinal);
        return message;
    }

    private DeployedClassifier Load(byte[] content)
    {
        var path = Path.Combine(pictures.Folder, "under test");
        File.WriteAllBytes(path, content);
        return ml.Adversarial().LoadNetwork(path);
    }
}
