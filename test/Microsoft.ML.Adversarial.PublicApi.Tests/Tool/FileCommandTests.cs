using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary><c>verify</c> and <c>info</c>: what they say of files, and what they refuse.</summary>
public sealed class FileCommandTests(DeployedLetters letters)
{
    [Fact]
    public void Files_as_they_were_written_fit_and_are_called_what_they_are()
    {
        var (exitCode, text, errors) = RunningTool.Run("verify", letters.Zip, letters.Onnx);

        Assert.True(exitCode == 0, text + errors);
        Assert.Matches($"fits  {letters.Zip}: Model, written by version [0-9.]+, SHA-256 [0-9a-f]{{64}}", text);
        Assert.Matches($"fits  {letters.Onnx}: Onnx, written by version [0-9.]+, SHA-256 [0-9a-f]{{64}}", text);
    }

    [Fact]
    public void A_file_that_does_not_fit_is_exit_code_1_and_the_others_are_told_all_the_same()
    {
        var (exitCode, text, errors) = RunningTool.Run("verify", letters.Onnx, Changed(letters.Onnx), "nothing.zip", "--json");

        Assert.Equal(1, exitCode);
        using var answer = JsonDocument.Parse(text);
        var files = answer.RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.Equal([true, false, false], files.Select(file => file.GetProperty("fits").GetBoolean()));
        Assert.Contains("is damaged", files[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("There is no file 'nothing.zip'", files[2].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("does not fit", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_files_of_a_model_are_told_to_hold_the_same_network()
    {
        var (zip, onnx) = (Information(letters.Zip), Information(letters.Onnx));

        Assert.Equal("Model", zip.GetProperty("kind").GetString());
        Assert.Equal("Onnx", onnx.GetProperty("kind").GetString());
        Assert.All((string[])["layers", "parameters", "multiplyAdds", "numbers", "classes", "images", "pixels", "column", "domain"],
            name => Assert.Equal(zip.GetProperty(name).GetRawText(), onnx.GetProperty(name).GetRawText()));
        // Eight layers on the longest path, and two shortcuts.
        Assert.Equal(10, onnx.GetProperty("layers").GetInt32());
        Assert.Equal(["A", "B", "C"], onnx.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!).Take(3));
        Assert.Equal((1, 32, "Planar"), (onnx.GetProperty("images").GetProperty("channels").GetInt32(), onnx.GetProperty("images").GetProperty("width").GetInt32(), onnx.GetProperty("pixels").GetProperty("layout").GetString()));
    }

    [Fact]
    public void Weights_say_of_which_network_they_are()
    {
        var weights = Information(letters.Weights);

        Assert.Equal("Weights", weights.GetProperty("kind").GetString());
        var network = weights.GetProperty("network");
        Assert.Equal(("ResNet", 8, 8), (network.GetProperty("backbone").GetString(), network.GetProperty("depth").GetInt32(), network.GetProperty("width").GetInt32()));
        Assert.Equal((10, "BatchNormalization"), (weights.GetProperty("classCount").GetInt32(), weights.GetProperty("normalization").GetString()));
        Assert.Equal((1, 32), (weights.GetProperty("images").GetProperty("channels").GetInt32(), weights.GetProperty("images").GetProperty("height").GetInt32()));
        // The network has what its ONNX file has, and what is folded into the convolutions there: a weight and a bias for each channel instead of the bias.
        Assert.True(weights.GetProperty("parameters").GetInt64() > Information(letters.Onnx).GetProperty("parameters").GetInt64());
        Assert.Equal("float32, int64", weights.GetProperty("numbers").GetString());
        Assert.False(weights.TryGetProperty("position", out _));
    }

    [Fact]
    public void Of_weights_of_another_program_the_tensors_and_their_numbers_are_told()
    {
        var path = Path.Combine(letters.Folder, "foreign.safetensors");
        WriteSafeTensors(path, """{"conv.weight":{"dtype":"BF16","shape":[4,3,1,1],"data_offsets":[0,24]},"norm.running_mean":{"dtype":"F32","shape":[4],"data_offsets":[24,40]}}""", bytes: 40);

        var foreign = Information(path);
        var (_, text, _) = RunningTool.Run("info", path);

        Assert.Equal("ForeignWeights", foreign.GetProperty("kind").GetString());
        Assert.Equal((2, 12, "bfloat16, float32"), (foreign.GetProperty("tensors").GetInt32(), foreign.GetProperty("parameters").GetInt64(), foreign.GetProperty("numbers").GetString()));
        Assert.Matches("kind +weights from elsewhere", text);
        Assert.Matches("network +the file does not say", text);
    }

    [Fact]
    public void A_checkpoint_says_how_far_it_is_and_what_it_does()
    {
        var ml = new MLContext(seed: 1);
        var (training, _) = Tooling.ImageData.TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 6, seed: 1, Path.Combine(letters.Folder, "few-letters"));
        var checkpoints = Path.Combine(letters.Folder, "checkpoints");
        using var model = Tooling.ImageData.ImagePreparation.Create(ml, training).Append(ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.Quick with
        {
            Backbone = new ResNet(8),
            Normalization = Normalization.MixtureBatch,
            Method = new Trades(Budget.LInf(8)),
            Epochs = 2,
            Checkpoints = new CheckpointOptions(checkpoints),
            Selection = new ModelSelection(new PgdAttack(Budget.LInf(8)) { Steps = 1 }),
        })).Fit(training.AsView(ml));
        var path = Directory.GetFiles(checkpoints).Order(StringComparer.Ordinal).Last();

        var checkpoint = Information(path);
        var (_, text, _) = RunningTool.Run("info", path);

        Assert.Equal("Checkpoint", checkpoint.GetProperty("kind").GetString());
        Assert.Equal((8, 16), (checkpoint.GetProperty("network").GetProperty("depth").GetInt32(), checkpoint.GetProperty("network").GetProperty("width").GetInt32()));
        Assert.Equal("Trades", checkpoint.GetProperty("method").GetString());
        Assert.Equal("Single", checkpoint.GetProperty("precision").GetProperty("crafting").GetString());
        Assert.Equal(2, checkpoint.GetProperty("position").GetProperty("epoch").GetInt32());
        Assert.Equal(model.LastTransformer.ValidatedEpochs.Select(epoch => epoch.RobustAccuracy), checkpoint.GetProperty("validation").EnumerateArray().Select(epoch => epoch.GetProperty("robust").GetDouble()));
        Assert.Equal("6", checkpoint.GetProperty("description").GetProperty("method.beta").GetString());
        Assert.Matches("network +ResNet, depth 8, width 16", text);
        Assert.Matches("normalization +MixtureBatchNormalization", text);
        Assert.Matches("method +Trades against PgdAttack, 10 steps", text);
        Assert.Matches("epochs done +2 of 2", text);
        Assert.Matches("validation +epoch 1: [0-9.]+ % clean, [0-9.]+ % attacked of [0-9]+; epoch 2: ", text);
    }

    private static JsonElement Information(string path)
    {
        var (exitCode, text, errors) = RunningTool.Run("info", path, "--json");
        Assert.True(exitCode == 0, text + errors);
        return JsonDocument.Parse(text).RootElement;
    }

    private static void WriteSafeTensors(string path, string header, int bytes) =>
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. new byte[bytes]]);

    [Fact]
    public void A_person_reads_of_the_network_the_classes_the_images_and_the_hash()
    {
        var (exitCode, text, errors) = RunningTool.Run("info", letters.Zip);

        Assert.True(exitCode == 0, text + errors);
        Assert.Matches("kind +ML.NET model with a classifier of this library", text);
        Assert.Matches("SHA-256 +[0-9a-f]{64}, carried by the file, and fits", text);
        Assert.Matches("layers +10 convolutions and products with weights", text);
        Assert.Matches("numbers +float32; computed in float32", text);
        Assert.Matches("classes +10: A, B, C, D, E, F, G, H, I, J", text);
        Assert.Matches("images +1 x 32 x 32", text);
        Assert.Matches("pixels +0..255, Planar", text);
    }

    [Theory]
    [InlineData("changed", "is damaged: the hash of its content")]
    [InlineData("changed weights", "is damaged: the hash of its content")]
    [InlineData("text", "is no ONNX model")]
    [InlineData("nothing", "There is no file")]
    public void Of_a_file_that_is_not_what_it_should_be_nothing_is_told_but_that(string file, string expected)
    {
        var text = Path.Combine(letters.Folder, "text.zip");
        File.WriteAllText(text, "no network");

        var (exitCode, output, errors) = RunningTool.Run("info", file switch { "changed" => Changed(letters.Onnx), "changed weights" => Changed(letters.Weights), "text" => text, _ => file });

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private string Changed(string file)
    {
        var path = Path.Combine(letters.Folder, "changed" + Path.GetExtension(file));
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
